//! All dimensions together.

use super::Dimension;
use crate::Settings;

/// The dimensions of a search, in the order of their names.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// The dimensions.
    pub dimensions: Vec<Dimension>,
}

impl Space {
    /// How many settings there are, `None` where a dimension takes any number or they are more than
    /// can be counted.
    pub fn size(&self) -> Option<usize> {
        self.dimensions.iter().try_fold(1_usize, |size, dimension| {
            size.checked_mul(dimension.count()?)
        })
    }

    /// The settings with that number, from 0 to below [`Self::size`]; the last dimension changes
    /// first. Nothing where the space cannot be counted.
    pub fn numbered(&self, number: usize) -> Option<Settings> {
        let mut left = number;
        let mut settings = Settings::new();
        for dimension in self.dimensions.iter().rev() {
            let count = dimension.count()?;
            let value = dimension.numbered(left % count)?;
            settings.insert(dimension.name.clone(), value);
            left /= count;
        }
        (left == 0).then_some(settings)
    }
}
