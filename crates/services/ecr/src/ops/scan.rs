//! What is said of scans. There is no feed of vulnerabilities here, and a scan says so.

use gantry_api_ecr as api;

use crate::tables::Image;

/// The status of an image's scan, if it was asked for.
pub fn shown(image: &Image) -> Option<api::ImageScanStatus> {
    image.scan_asked_at.map(|_| api::ImageScanStatus {
        status: Some("UNSUPPORTED_IMAGE".to_owned()),
        description: Some("There is no feed of vulnerabilities here: the image was not scanned.".to_owned()),
    })
}
