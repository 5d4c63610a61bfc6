//! GetRandomPassword: characters drawn evenly from those that are wanted.

use gantry_api_secretsmanager as api;
use gantry_base::Ids;
use gantry_service::{Cx, Failure, Permission};

use crate::Secrets;
use crate::secretsmanager::error::SecretError;

const DEFAULT_LENGTH: usize = 32;
const LOWERCASE: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPERCASE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMBERS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// Draws a password.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::GetRandomPasswordRequest,
) -> Result<api::GetRandomPasswordResponse, Failure> {
    cx.authorize(Permission::of("secretsmanager:GetRandomPassword"))?;
    let length = input.password_length.and_then(|length| usize::try_from(length).ok());
    let length = length.unwrap_or(DEFAULT_LENGTH);
    let each = input.require_each_included_type != Some(false);
    let types = types(&input);
    if types.is_empty() || types.iter().any(String::is_empty) && each {
        return Err(SecretError::InvalidParameter(
            "The exclusions leave no characters of a type that the password needs.".into(),
        )
        .into());
    }
    if each && length < types.len() {
        let what = "Password length is too short based on the required types.";
        return Err(SecretError::InvalidParameter(what.into()).into());
    }
    let Some(password) = draw(&*secrets.ids, &types, length, each) else {
        return Err(SecretError::InvalidParameter("The exclusions leave no characters.".into()).into());
    };
    Ok(api::GetRandomPasswordResponse { random_password: Some(password) })
}

/// The characters of each type that is included.
fn types(input: &api::GetRandomPasswordRequest) -> Vec<String> {
    let unwanted = input.exclude_characters.as_deref().unwrap_or_default();
    let included = [
        (LOWERCASE, input.exclude_lowercase != Some(true)),
        (UPPERCASE, input.exclude_uppercase != Some(true)),
        (NUMBERS, input.exclude_numbers != Some(true)),
        (PUNCTUATION, input.exclude_punctuation != Some(true)),
        (" ", input.include_space == Some(true)),
    ];
    let left = |characters: &str| characters.chars().filter(|one| !unwanted.contains(*one)).collect();
    included.into_iter().filter(|(_, included)| *included).map(|(characters, _)| left(characters)).collect()
}

/// One of each type where that is wanted, the rest from all, shuffled. None where there is nothing to draw from.
fn draw(ids: &dyn Ids, types: &[String], length: usize, each: bool) -> Option<String> {
    let all = types.concat();
    if all.is_empty() {
        return None;
    }
    let mut drawn = Vec::with_capacity(length);
    if each {
        drawn.extend(types.iter().flat_map(|one| ids.text(1, one.as_bytes()).into_bytes()));
    }
    drawn.extend(ids.text(length - drawn.len(), all.as_bytes()).into_bytes());
    for at in (1..drawn.len()).rev() {
        drawn.swap(at, below(ids, at + 1));
    }
    String::from_utf8(drawn).ok()
}

/// A number below `end`, each as likely as the others.
fn below(ids: &dyn Ids, end: usize) -> usize {
    let end = end as u64;
    let even = u64::MAX - u64::MAX % end;
    loop {
        let mut bytes = [0; 8];
        ids.fill(&mut bytes);
        let number = u64::from_le_bytes(bytes);
        if number < even {
            return (number % end) as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use gantry_base::SeededIds;

    use super::*;

    #[test]
    fn every_type_is_there_and_nothing_else() {
        let ids = SeededIds::new(1);
        for length in 4..40 {
            let input = api::GetRandomPasswordRequest {
                exclude_characters: Some("aA0".into()),
                include_space: Some(length % 2 == 0 && length > 4),
                ..Default::default()
            };
            let types = types(&input);
            let password = draw(&ids, &types, length, true).unwrap();
            assert_eq!(password.chars().count(), length);
            assert!(types.iter().all(|one| password.chars().any(|c| one.contains(c))), "{password}");
            assert!(
                password.chars().all(|c| types.concat().contains(c)) && !password.contains(['a', 'A', '0'])
            );
        }
        assert_eq!(draw(&ids, &[String::new()], 4, false), None);
    }
}
