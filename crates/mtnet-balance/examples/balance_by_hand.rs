//! Balancing without a tensor library: three least-squares tasks share four numbers.
//!
//! Task `i` wants `θ` at its own point `a_i` and measures how far it is off in its own unit:
//! `L_i(θ) = ½ s_i (‖θ − a_i‖² + 1)`, with the gradient `s_i (θ − a_i)`; no `θ` removes the 1,
//! as noise in the labels would not. The units differ by a factor of 100, so the plain mean
//! of the losses serves the loudest task alone. A method on losses (`uncertainty`) learns the
//! units away; a method on gradients (`upgrad`, with its regularisation off) takes no step
//! against any task.
//!
//! ```text
//! cargo run -p mtnet-balance --example balance_by_hand
//! ```
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use mtnet_balance::{
    Balance, BalanceConfig, BalanceError, GradientRows, TaskInfo, TaskLosses, TaskWeights,
};

const PARAMETERS: usize = 4;
const STEPS: u64 = 400;

struct Task {
    name: &'static str,
    unit: f64,
    goal: [f64; PARAMETERS],
}

const TASKS: [Task; 3] = [
    Task {
        name: "loud",
        unit: 10.0,
        goal: [1.0, 0.0, 0.0, 0.2],
    },
    Task {
        name: "plain",
        unit: 1.0,
        goal: [0.0, 1.0, 0.0, 0.2],
    },
    Task {
        name: "quiet",
        unit: 0.1,
        goal: [0.0, 0.0, 1.0, 0.2],
    },
];

impl Task {
    fn gradient(&self, theta: &[f64]) -> Vec<f64> {
        let pairs = theta.iter().zip(&self.goal);
        pairs.map(|(t, goal)| self.unit * (t - goal)).collect()
    }

    /// In no unit; training sees the loss only.
    fn distance(&self, theta: &[f64]) -> f64 {
        let pairs = theta.iter().zip(&self.goal);
        let squared: f64 = pairs.map(|(t, goal)| (t - goal).powi(2)).sum();
        squared.sqrt()
    }

    fn loss(&self, theta: &[f64]) -> f64 {
        0.5 * self.unit * (self.distance(theta).powi(2) + 1.0)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for table in [
        r#"{"method": "equal"}"#,
        r#"{"method": "uncertainty", "learning_rate": 0.05}"#,
        r#"{"method": "upgrad", "reg_eps": 0.0}"#,
    ] {
        let config: BalanceConfig = serde_json::from_str(table)?;
        let tasks = TASKS.map(|task| TaskInfo::new(task.name, None));
        train(table, config.build(&tasks)?)?;
    }
    Ok(())
}

/// Gradient descent from a fixed start, and what came of it.
fn train(table: &str, mut balance: Balance) -> Result<(), BalanceError> {
    let mut theta = [0.9, 0.6, -0.3, -1.0];
    let mut last = None;
    let mut against = [0; TASKS.len()];
    for step in 0..STEPS {
        let gradients = TASKS.map(|task| task.gradient(&theta));
        let losses = TASKS.map(|task| Some(task.loss(&theta))).to_vec();
        let losses = TaskLosses::new(losses)?.at(step, 0);
        let (direction, weights) = direction(&mut balance, &gradients, &losses)?;
        for (count, gradient) in against.iter_mut().zip(&gradients) {
            let product: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
            *count += usize::from(product < -1e-9);
        }
        for (t, d) in theta.iter_mut().zip(&direction) {
            *t -= 0.1 * d;
        }
        last = weights;
    }
    println!("{table}");
    for (position, task) in TASKS.iter().enumerate() {
        let weight = last.as_ref().and_then(|weights| weights.get(position));
        println!(
            "  {:5}  distance {:.2}  last weight {:5.2}  steps against it {}",
            task.name,
            task.distance(&theta),
            weight.unwrap_or_default(),
            against[position],
        );
    }
    Ok(())
}

/// What the step goes against, and the weights of the tasks in it.
fn direction(
    balance: &mut Balance,
    gradients: &[Vec<f64>],
    losses: &TaskLosses,
) -> Result<(Vec<f64>, Option<TaskWeights>), BalanceError> {
    let mut direction = vec![0.0; PARAMETERS];
    let weights = match balance {
        // With a tensor library this would be one backward pass of the weighted sum.
        Balance::Losses(balancer) => {
            let weights = balancer.weigh(losses)?;
            for (gradient, weight) in gradients.iter().zip(weights.values().iter().flatten()) {
                for (sum, entry) in direction.iter_mut().zip(gradient) {
                    *sum += weight * entry;
                }
            }
            Some(weights)
        }
        Balance::Gradients(balancer) => {
            let rows = GradientRows::from_f64(gradients)?;
            let mut write = |start: usize, entries: &[f64]| {
                direction[start..start + entries.len()].copy_from_slice(entries);
            };
            balancer.aggregate(&rows, losses, &mut write)?
        }
    };
    Ok((direction, weights))
}
