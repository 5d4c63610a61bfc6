# Prints, as JSON, the files that an image needs to run this Python with boto3: pairs of a file here and its path there.
import json, os, re, subprocess, sys, sysconfig

SKIPPED = {"__pycache__", "test", "tests", "site-packages", "dist-packages", "idlelib", "tkinter", "turtledemo",
           "ensurepip", "lib2to3"}
SERVICES = {"ecs", "sts", "ssm"}
files = {}

def take(path):
    files.setdefault(path, os.path.realpath(path))

def tree(folder, onto, keep=lambda path: True):
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED and not name.startswith("config-")]
        for name in names:
            path = os.path.join(here, name)
            if not name.endswith((".pyc", ".a")) and keep(os.path.relpath(path, folder)):
                files[os.path.join(onto, os.path.relpath(path, folder))] = os.path.realpath(path)

def served(path):
    parts = path.split(os.sep)
    return parts[0] != "data" or len(parts) == 2 or parts[1] in SERVICES

python = os.path.realpath(sys.executable)
stdlib = sysconfig.get_path("stdlib")
tree(stdlib, stdlib)
files["/usr/bin/python3"] = python
for package in ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3"):
    tree(os.path.join(sysconfig.get_path("purelib"), package), "/packages/" + package,
         served if package == "botocore" else lambda path: True)
files["/packages/six.py"] = os.path.join(sysconfig.get_path("purelib"), "six.py")
for binary in [python] + [path for path in list(files) if ".so" in path]:
    said = subprocess.run(["ldd", files.get(binary, binary)], capture_output=True, text=True).stdout
    for library in re.findall(r"(/\S+) \(0x", said):
        take(library)
json.dump({"files": sorted(files.items()), "home": sys.base_prefix}, sys.stdout)
