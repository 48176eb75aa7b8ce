//! What a session hands to a checkpoint and takes back, and its averaged weights.

use mtnet_model::ModelFolder;

use super::TrainError;
use super::averaging::AVERAGE_FILE;
use super::session::Session;
use super::window::LogWindow;
use crate::checkpoint::FileContent;
use crate::optimizer::OptimizerState;

impl Session<'_> {
    /// What happened since the last line of the log, for a checkpoint.
    pub fn window(&self) -> LogWindow {
        self.window.state.clone()
    }

    /// Goes on with a line of the log that was begun before a checkpoint.
    pub fn restore_window(&mut self, state: LogWindow) {
        self.window.state = state;
    }

    /// Puts averaged weights in place of the last ones, or back, where there are some.
    pub fn swap_average(&mut self) -> Result<(), TrainError> {
        if let Some(averaging) = &mut self.averaging
            && averaging.swap(&self.variables)?
        {
            self.folder.model.weights_changed();
        }
        Ok(())
    }

    /// Goes on with averages from the bytes of their file.
    pub fn restore_average(&mut self, bytes: &[u8], updates: u64) -> Result<(), TrainError> {
        match &mut self.averaging {
            Some(averaging) => averaging.restore(bytes, updates, &self.variables),
            None => Ok(()),
        }
    }

    /// How many weights stand in the averages.
    pub fn averaged(&self) -> u64 {
        self.averaging
            .as_ref()
            .map_or(0, |averaging| averaging.average.updates())
    }

    /// Files of a checkpoint that belong to the session.
    pub fn files(&self) -> Result<Vec<(String, FileContent<'static>)>, TrainError> {
        let mut files: Vec<(String, FileContent<'static>)> = self
            .folder
            .files()?
            .into_iter()
            .map(|(name, bytes)| (name, bytes.into()))
            .collect();
        files.push((
            "optimizer.safetensors".to_owned(),
            self.optimizer.state()?.to_safetensors()?.into(),
        ));
        if let Some(averaging) = &self.averaging
            && let Some(bytes) = averaging.file()?
        {
            files.push((AVERAGE_FILE.to_owned(), bytes.into()));
        }
        Ok(files)
    }

    /// Goes on from the files of a checkpoint.
    pub fn restore(&mut self, weights: &[u8], optimizer: &[u8]) -> Result<(), TrainError> {
        load_weights(self.folder, weights)?;
        self.optimizer
            .load_state(OptimizerState::from_safetensors(optimizer)?)?;
        Ok(())
    }
}

/// Sets all parameters of a model from the content of its `model.safetensors`.
pub(super) fn load_weights(folder: &ModelFolder, bytes: &[u8]) -> Result<(), TrainError> {
    let tensors = candle_core::safetensors::load_buffer(bytes, &candle_core::Device::Cpu)?;
    for (name, var) in folder.model.parameters().vars() {
        match tensors.get(&name) {
            Some(tensor) => var.set(&tensor.to_device(var.device())?)?,
            None => {
                let missing = format!("the checkpoint lacks tensor `{name}`");
                return Err(candle_core::Error::Msg(missing).into());
            }
        }
    }
    folder.model.weights_changed();
    Ok(())
}
