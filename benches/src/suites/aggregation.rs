//! Aggregation alone: weights from a Gramian, or a direction from gradients of 1,000 numbers.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Result;
use mtnet_balance::{
    BalanceConfig, GradientBalancer, GradientRows, Gramian, MethodKind, TaskInfo, TaskLosses,
};
use mtnet_core::RandomStream;

use super::{Entry, Sample, Workload};

const NUMBERS: usize = 1_000;
const TASKS: [usize; 6] = [2, 4, 8, 16, 32, 64];
/// Calls of one run: methods keep state from one to the next.
const CALLS: usize = 20;

/// Every gradient method with settings that do not depend on the number of tasks.
const METHODS: [&str; 23] = [
    "method = \"constant-gradient\"",
    "method = \"random-gradient\"",
    "method = \"mgda\"",
    "method = \"pcgrad\"",
    "method = \"gradvac\"",
    "method = \"cagrad\"",
    "method = \"nash-mtl\"",
    "method = \"fairgrad\"",
    "method = \"imtl-g\"",
    "method = \"aligned-mtl\"",
    "method = \"upgrad\"",
    "method = \"dualproj\"",
    "method = \"config\"",
    "method = \"krum\"\nbyzantine = 0",
    "method = \"gradnorm\"",
    "method = \"db-mtl\"\nbeta = 0.0",
    "method = \"modo\"",
    "method = \"sdmgrad\"",
    "method = \"meta-balance\"\ntarget = \"task0\"",
    "method = \"graddrop\"",
    "method = \"trimmed-mean\"\ntrim = 0",
    "method = \"excess-mtl\"",
    "method = \"moco\"",
];

pub(super) fn entries() -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for text in METHODS {
        let config: BalanceConfig = toml::from_str(text)?;
        let method = text.split('"').nth(1).unwrap_or_default();
        for tasks in TASKS {
            // Krum needs three tasks.
            if method == "krum" && tasks < 3 {
                continue;
            }
            let (name, config) = (format!("balance/{method}/{tasks}"), config.clone());
            entries.push(Entry {
                name: name.clone(),
                build: Box::new(move || {
                    Ok(Box::new(Aggregation::new(name.clone(), &config, tasks)?))
                }),
            });
        }
    }
    Ok(entries)
}

struct Aggregation {
    name: String,
    balancer: GradientBalancer,
    gradients: Vec<Vec<f64>>,
    gramian: Option<Gramian>,
    losses: TaskLosses,
}

impl Aggregation {
    fn new(name: String, config: &BalanceConfig, tasks: usize) -> Result<Self> {
        let infos: Vec<TaskInfo> = (0..tasks)
            .map(|task| TaskInfo::new(format!("task{task}"), Some(4)))
            .collect();
        let mut stream = RandomStream::new(tasks as u64).child("gradients");
        let gradients: Vec<Vec<f64>> = (0..tasks)
            .map(|_| (0..NUMBERS).map(|_| stream.normal()).collect())
            .collect();
        let needs_gramian_only = config.kind() == MethodKind::Gramian;
        Ok(Self {
            name,
            balancer: config.build_gradients(&infos, 1)?,
            gramian: needs_gramian_only
                .then(|| Gramian::from_rows(&gradients))
                .transpose()?,
            gradients,
            losses: TaskLosses::new(vec![Some(1.0); tasks])?,
        })
    }
}

impl Workload for Aggregation {
    fn name(&self) -> &str {
        &self.name
    }

    fn unit(&self) -> Option<&'static str> {
        None
    }

    fn run(&mut self) -> Result<Sample> {
        let begun = Instant::now();
        for call in 0..CALLS {
            let losses = self.losses.clone().at(call as u64, 0);
            match &self.gramian {
                Some(gramian) => {
                    black_box(self.balancer.weigh(gramian, &losses)?);
                }
                None => {
                    let rows = GradientRows::from_f64(&self.gradients)?;
                    let mut write = |_: usize, piece: &[f64]| {
                        black_box(piece);
                    };
                    black_box(self.balancer.aggregate(&rows, &losses, &mut write)?);
                }
            }
        }
        Ok(Sample {
            seconds: begun.elapsed().as_secs_f64() / CALLS as f64,
            amount: 1.0,
        })
    }
}
