//! The device that a run file names.

use candle_core::Device;

use super::TrainError;

/// Opens `cpu`, `cuda`, `cuda:N` or `metal`.
///
/// # Errors
/// If the name is none of these, this build lacks the feature, or the machine the device.
pub fn open_device(name: &str) -> Result<Device, TrainError> {
    let failed = |reason: String| TrainError::Device {
        device: name.to_owned(),
        reason,
    };
    let opened = match name.split_once(':').unwrap_or((name, "0")) {
        ("cpu", "0") => return Ok(Device::Cpu),
        ("cuda", index) => match index.parse() {
            Ok(index) => Device::new_cuda(index),
            Err(_) => {
                return Err(failed(format!(
                    "`{index}` is no number of a GPU, expected `cuda:0` upwards"
                )));
            }
        },
        ("metal", "0") => Device::new_metal(0),
        _ => {
            return Err(failed(
                "expected `cpu`, `cuda`, `cuda:N` or `metal`".to_owned(),
            ));
        }
    };
    opened.map_err(|error| {
        let kind = name.split(':').next().unwrap_or(name);
        failed(format!(
            "{error}; this needs a build with `--features {kind}` and such a device"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_device_say_what_is() {
        assert!(open_device("cpu").unwrap().is_cpu());
        for name in ["gpu", "cpu:1", "cuda:x", "metal:3"] {
            let message = open_device(name).unwrap_err().to_string();
            assert!(
                message.contains(&format!("`{name}`")) && message.contains("expected"),
                "{message}"
            );
        }
    }
}
