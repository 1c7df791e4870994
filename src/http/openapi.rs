//! Passes over the OpenAPI document.
