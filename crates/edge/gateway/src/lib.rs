//! The HTTP endpoint: route, authenticate, decode, dispatch, encode.
