//! `/clusters/{name}/nodes?force`: where an operation is found.

use percent_encoding::percent_decode_str;

use crate::query::Params;

/// An operation's path, read once.
#[derive(Debug, Clone)]
pub struct Template {
    segments: Vec<Segment>,
    /// Names that must be in the query string, with their value where the model fixes one.
    query: Vec<(&'static str, Option<&'static str>)>,
}

#[derive(Debug, Clone)]
enum Segment {
    Literal(&'static str),
    Label(&'static str),
    /// Takes the slashes too.
    Greedy(&'static str),
}

impl Template {
    pub fn parse(uri: &'static str) -> Template {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let segments = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                None => Segment::Literal(segment),
                Some(label) => match label.strip_suffix('+') {
                    None => Segment::Label(label),
                    Some(label) => Segment::Greedy(label),
                },
            })
            .collect();
        let query = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| match pair.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (pair, None),
            })
            .collect();
        Template { segments, query }
    }

    /// How much of the path and query is fixed; of two templates that match, the more fixed one is meant.
    pub fn weight(&self) -> usize {
        let literals = self.segments.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count();
        literals * 16 + self.query.len()
    }

    /// The labels' values, when the path matches. The path is matched as it was sent, and each label
    /// decoded after that, because a decoded label may hold a slash.
    pub fn matches(&self, path: &str, query: &Params) -> Option<Vec<(&'static str, String)>> {
        let has = |(name, value): &(&str, Option<&str>)| match value {
            Some(value) => query.get(name) == Some(value),
            None => query.get(name).is_some(),
        };
        if !self.query.iter().all(has) {
            return None;
        }
        let path = path.strip_prefix('/')?;
        let mut labels = Vec::new();
        let mut rest = Some(path).filter(|path| !path.is_empty());
        for (at, segment) in self.segments.iter().enumerate() {
            let text = rest?;
            if let Segment::Greedy(label) = segment {
                // What is fixed behind a greedy label is held against the end.
                let after = self.segments.len() - at - 1;
                let cut = text.rmatch_indices('/').nth(after.wrapping_sub(1)).map(|(cut, _)| cut);
                let (taken, tail) = match (after, cut) {
                    (0, _) => (text, None),
                    (_, Some(cut)) => (&text[..cut], Some(&text[cut + 1..])),
                    _ => return None,
                };
                labels.push((*label, decode(taken)?));
                rest = tail;
                continue;
            }
            let (first, tail) = match text.split_once('/') {
                Some((first, tail)) => (first, Some(tail)),
                None => (text, None),
            };
            match segment {
                Segment::Literal(literal) if decode(first).as_deref() == Some(literal) => {}
                Segment::Label(label) if !first.is_empty() => labels.push((*label, decode(first)?)),
                _ => return None,
            }
            rest = tail;
        }
        // One slash at the end is forgiven, as AWS does.
        rest.is_none_or(str::is_empty).then_some(labels)
    }
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text)
        .decode_utf8()
        .ok()
        .filter(|text| !text.is_empty())
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &'static str, path: &str, query: &str, wanted: Option<&[(&str, &str)]>) {
        let params = Params::parse(query.as_bytes(), &crate::Limits::STANDARD).unwrap();
        let found = Template::parse(template).matches(path, &params);
        let wanted = wanted.map(|labels| labels.iter().map(|(k, v)| (*k, v.to_string())).collect::<Vec<_>>());
        assert_eq!(found, wanted, "{template} {path}?{query}");
    }

    #[test]
    fn paths_match_before_they_are_decoded() {
        check("/clusters/{name}", "/clusters/a%20b%2Fc", "", Some(&[("name", "a b/c")]));
        check("/clusters/{name}", "/clusters/a/b", "", None);
        check("/clusters/{name}", "/clusters/", "", None);
        check("/clusters", "/clusters/", "", Some(&[]));
        check("/tags/{arn+}", "/tags/arn:aws:eks:x/y", "", Some(&[("arn", "arn:aws:eks:x/y")]));
        check("/{Bucket}/{Key+}", "/b/k/l/", "", Some(&[("Bucket", "b"), ("Key", "k/l/")]));
        check("/a/{Key+}/z", "/a/b/c/z", "", Some(&[("Key", "b/c")]));
        check("/{Bucket}?acl", "/b", "acl", Some(&[("Bucket", "b")]));
        check("/{Bucket}?acl", "/b", "", None);
        check("/{Bucket}?list-type=2", "/b", "list-type=1", None);
        check("/", "/", "", Some(&[]));
        check("/", "", "", None);
    }
}
