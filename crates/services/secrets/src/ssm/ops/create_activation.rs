//! CreateActivation: machines that are not AWS's may be managed with the id and the code that are answered.

use gantry_api_ssm as api;
use gantry_base::{Arn, Tags};
use gantry_service::{Cx, Failure, OnBehalf, Permission};
use gantry_store::{Scan, key};

use crate::Secrets;
use crate::ssm::activation::{
    ACTIVATION_PLACES, ACTIVATIONS, Activation, GOOD_AT_MOST, GOOD_FOR, Place, activations_key, digest,
};
use crate::ssm::error::ParameterError;

/// As whom machines come.
const PRINCIPAL: &str = "ssm.amazonaws.com";
/// Most activations of an account in a region; those that have expired count too, until they are deleted.
const MOST: usize = 1000;

/// Makes an activation.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::CreateActivationRequest,
) -> Result<api::CreateActivationResult, Failure> {
    let given = input.tags.unwrap_or_default();
    let tags = Tags::parse(given.into_iter().map(|tag| (tag.key, tag.value)))
        .map_err(|error| ParameterError::Validation(error.to_string()))?;
    let permit = cx.authorize(Permission::of("ssm:CreateActivation").request_tags(tags.iter()))?;
    let role = Arn::global("iam", cx.partition(), cx.account, format_args!("role/{}", input.iam_role));
    cx.authorize(Permission::on("iam:PassRole", &role).key("iam:PassedToService", [PRINCIPAL]))?;
    let by = OnBehalf { service: PRINCIPAL, source: cx.arn("ssm", "*") };
    match secrets.roles.may_assume(&by, &role, cx.now).await {
        Err(Failure::Answer(_) | Failure::Denied(_)) => {
            let why = format!("Nonexistent role or missing ssm service principal in trust policy: {role}");
            return Err(ParameterError::Validation(why).into());
        }
        known => known?,
    }
    let expires_at = input.expiration_date.unwrap_or(cx.now + GOOD_FOR);
    if expires_at <= cx.now || expires_at > cx.now + GOOD_AT_MOST {
        let why = "The expiration date must be in the future, and no more than 30 days from now.";
        return Err(ParameterError::InvalidParameters(why.to_owned()).into());
    }
    let mut tx = secrets.db.begin();
    let known =
        tx.peek_scan(&ACTIVATIONS, &activations_key(cx.account, &cx.region), Scan::first(MOST)).await?;
    if known.len() == MOST {
        let why = format!("There are {MOST} activations already; delete those that have expired.");
        return Err(ParameterError::InvalidParameters(why).into());
    }
    let (id, code) = (secrets.ids.uuid(), secrets.ids.hex(40));
    let row = Activation {
        id: id.clone(),
        code_sha256: digest(&code),
        description: input.description,
        default_instance_name: input.default_instance_name,
        iam_role: input.iam_role,
        registration_limit: input.registration_limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(1),
        registrations: 0,
        created_at: cx.now,
        expires_at,
        tags,
    };
    tx.put(&ACTIVATIONS, &activations_key(cx.account, &cx.region).with(&id), &row);
    tx.put(&ACTIVATION_PLACES, &key!(id), &Place { account: cx.account, region: cx.region.clone() });
    tx.commit(&permit).await?;
    Ok(api::CreateActivationResult { activation_id: Some(id), activation_code: Some(code) })
}
