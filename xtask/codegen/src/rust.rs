//! Rust's spelling of AWS's names.

/// `clusterArn` to `cluster_arn`, `VPCId` to `vpc_id`, `type` to `r#type`.
pub fn field(name: &str) -> String {
    let snake = snake(name);
    match snake.as_str() {
        "as" | "async" | "await" | "break" | "const" | "continue" | "dyn" | "else" | "enum" | "extern"
        | "false" | "fn" | "for" | "if" | "impl" | "in" | "let" | "loop" | "match" | "mod" | "move"
        | "mut" | "pub" | "ref" | "return" | "static" | "struct" | "trait" | "true" | "type" | "unsafe"
        | "use" | "where" | "while" | "abstract" | "become" | "box" | "do" | "final" | "gen" | "macro"
        | "override" | "priv" | "try" | "typeof" | "unsized" | "virtual" | "yield" => {
            format!("r#{snake}")
        }
        "self" | "super" | "crate" => format!("{snake}_"),
        _ => snake,
    }
}

/// `clientIDListType` to `ClientIDListType`.
pub fn type_name(name: &str) -> String {
    let mut out = name.to_owned();
    out[..1].make_ascii_uppercase();
    out
}

/// `ecr-public` to `ECR_PUBLIC`.
pub fn constant(name: &str) -> String {
    name.replace('-', "_").to_ascii_uppercase()
}

fn snake(name: &str) -> String {
    let name = name.replace("ARNs", "Arns").replace("IDs", "Ids").replace("URLs", "Urls");
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 8);
    for (i, c) in chars.iter().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            let before = chars[i - 1];
            let starts_word = before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase() && chars.get(i + 1).is_some_and(char::is_ascii_lowercase));
            if starts_word && !out.ends_with('_') {
                out.push('_');
            }
        }
        out.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_read_like_rust() {
        for (aws, rust) in [
            ("clusterArn", "cluster_arn"),
            ("VPCId", "vpc_id"),
            ("type", "r#type"),
            ("ARNs", "arns"),
            ("taskDefinitionArns", "task_definition_arns"),
            ("ipv6CidrBlock", "ipv6_cidr_block"),
            ("MD5OfBody", "md5_of_body"),
            ("kmsKeyId", "kms_key_id"),
            ("OpenIDConnectProviderArn", "open_id_connect_provider_arn"),
        ] {
            assert_eq!(field(aws), rust);
        }
    }
}
