//! Files of variables (`environmentFiles`): what stands in them, and where they lie.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html>

/// The bucket and key that a file's ARN names.
pub fn object(arn: &str) -> Option<(&str, &str)> {
    let (_, object) = arn.strip_prefix("arn:")?.split_once(":s3:::")?;
    object.split_once('/').filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
}

/// The variables of a file, in order: lines of `VARIABLE=VALUE`, whose blanks and quotes are the value's. Lines that begin
/// with `#` are comments; what names no variable or gives it no value says nothing, as on AWS.
pub fn variables(text: &str) -> Vec<(String, String)> {
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines();
    let pairs = lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    let set = pairs.filter(|(name, value)| !name.is_empty() && !value.is_empty());
    // No process can have such a variable.
    let set = set.filter(|(name, value)| !name.contains('\0') && !value.contains('\0'));
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The variables of several files, one of each name: the first one counts, within a file and over files.
pub fn together<'a>(files: impl IntoIterator<Item = &'a str>) -> Vec<(String, String)> {
    let mut seen = std::collections::HashSet::new();
    let all = files.into_iter().flat_map(variables);
    all.filter(|(name, _)| seen.insert(name.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_variables_as_they_stand() {
        let text =
            "# comment=1\nA=1\n\nB = two words \nC=\"quoted\"\r\nD=a=b#c\nE=\n=x\nno variable\n #F=1\n";
        let expected = [("A", "1"), ("B ", " two words "), ("C", "\"quoted\""), ("D", "a=b#c"), (" #F", "1")];
        assert_eq!(variables(text), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(variables("\u{feff}A=1"), [("A".to_owned(), "1".to_owned())]);
        assert!(variables("A=\0\n").is_empty());
    }

    #[test]
    fn the_first_of_a_name_counts() {
        let all = together(["A=1\nB=2\nA=3", "B=4\nC=5"]);
        let pairs: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("A", "1"), ("B", "2"), ("C", "5")]);
    }

    #[test]
    fn an_arn_names_a_bucket_and_a_key() {
        assert_eq!(object("arn:aws:s3:::bucket/dir/app.env"), Some(("bucket", "dir/app.env")));
        for arn in
            ["arn:aws:s3:::bucket", "arn:aws:s3:::/key", "arn:aws:s3:::b/", "arn:aws:iam::1:role/x", "b/k"]
        {
            assert_eq!(object(arn), None, "{arn}");
        }
    }
}
