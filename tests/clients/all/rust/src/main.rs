//! A round trip with the client that openapi-generator makes for Rust: a list, a designation with its events, a problem.

use std::env;

use registry::{
    apis::{Error, configuration::Configuration, designations_api, vendors_api},
    models::{Event, VendorCreate, VendorKind},
};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let configuration = Configuration {
        base_path: env::var("REGISTRY_URL").unwrap(),
        bearer_access_token: env::var("REGISTRY_ANALYST_KEY").ok(),
        ..Configuration::default()
    };

    let countries = Some(vec!["US".to_owned(), "CN".to_owned()]);
    let vendors = vendors_api::list_vendors(
        &configuration, None, None, countries, None, None, None, None, None, Some(500), None, None, None,
    )
    .await
    .unwrap();
    assert!(vendors.items.len() > 1 && vendors.next_cursor.is_none());
    assert!(vendors.items.iter().all(|vendor| vendor.country.as_deref().is_some_and(|it| it == "US" || it == "CN")));

    let page = designations_api::list_designations(
        &configuration, None, None, None, None, None, None, None, None, None, None, None, None, None, None, Some(1), None,
        None, None,
    )
    .await
    .unwrap();
    let id = page.items[0].id.to_string();
    let designation = designations_api::get_designation(&configuration, &id, None, None, None, None).await.unwrap();
    assert!(
        designation.events.iter().any(|event| matches!(event, Event::OrderIssued(order) if !order.sources.is_empty())),
        "{:?}",
        designation.events
    );

    let mut wrong = VendorCreate::new(VendorKind::Company, "Wrong".to_owned());
    wrong.country = Some(Some("ZZ".to_owned()));
    let refused = vendors_api::create_vendor(&configuration, wrong, None, None).await;
    let Err(Error::ResponseError(answer)) = refused else { panic!("{refused:?}") };
    let Some(vendors_api::CreateVendorError::Status422(problem)) = answer.entity else { panic!("{answer:?}") };
    assert_eq!((problem.code.as_str(), problem.errors[0].pointer.as_str()), ("invalid", "/country"));
    println!("the round trip went well");
}
