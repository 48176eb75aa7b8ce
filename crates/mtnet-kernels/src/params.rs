//! Parameters by name, in order, with seeded initial values.
//!
//! candle's `VarMap` walks a hash map and draws from a generator that cannot be seeded; here the
//! order is that of the names, and the initial values of a parameter are a function of the
//! stream and its name alone, so adding a head changes no other parameter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use candle_core::{DType, Device, Result, Shape, Tensor, Var, bail};
use candle_nn::init::{FanInOut, Init, NormalOrUniform};
use candle_nn::var_builder::{SimpleBackend, VarBuilder};
use mtnet_core::RandomStream;

use crate::Initialiser;

/// Named `f32` parameters. A clone shares them.
#[derive(Clone)]
pub struct ParamStore {
    inner: Arc<Mutex<Inner>>,
    device: Device,
}

struct Inner {
    vars: BTreeMap<String, Var>,
    given: BTreeMap<String, Tensor>,
    initialised: BTreeSet<String>,
    strict: bool,
    frozen: Option<Arc<Frozen>>,
    rule: Option<Arc<Rule>>,
    init: RandomStream,
}

/// How the weight of a name and shape `(outputs, inputs)` begins.
type Rule = dyn Fn(&str, (usize, usize)) -> Option<Initialiser> + Send + Sync;

type Frozen = dyn Fn(&str) -> bool + Send + Sync;

impl ParamStore {
    /// An empty store whose initial values are drawn from `init`.
    pub fn new(init: RandomStream, device: &Device) -> Self {
        let inner = Inner {
            vars: BTreeMap::new(),
            given: BTreeMap::new(),
            initialised: BTreeSet::new(),
            strict: false,
            frozen: None,
            rule: None,
            init,
        };
        Self {
            inner: Arc::new(Mutex::new(inner)),
            device: device.clone(),
        }
    }

    /// Takes values from `tensors` where a builder asks for such a name; the others are initialised.
    #[must_use]
    pub fn with_tensors(self, tensors: BTreeMap<String, Tensor>) -> Self {
        self.lock().given.extend(tensors);
        self
    }

    /// From here on, a new matrix for whose name and shape `(outputs, inputs)` the rule gives an
    /// initialiser begins as that says, and not as its layer would have it.
    #[must_use]
    pub fn initialise(
        self,
        rule: impl Fn(&str, (usize, usize)) -> Option<Initialiser> + Send + Sync + 'static,
    ) -> Self {
        self.lock().rule = Some(Arc::new(rule));
        self
    }

    /// From here on, a name without a given tensor is an error instead of being initialised.
    #[must_use]
    pub fn strict(self) -> Self {
        self.lock().strict = true;
        self
    }

    /// From here on, parameters for whose names `is_frozen` holds are handed out without a graph
    /// behind them: no gradient reaches them, and no backward pass is kept or spent on them.
    #[must_use]
    pub fn freeze(self, is_frozen: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.lock().frozen = Some(Arc::new(is_frozen));
        self
    }

    /// A builder that makes variables here, for layers written against candle's `VarBuilder`.
    pub fn builder(&self) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.clone()), DType::F32, self.device.clone())
    }

    /// All variables, sorted by name.
    pub fn vars(&self) -> Vec<(String, Var)> {
        self.lock()
            .vars
            .iter()
            .map(|(name, var)| (name.clone(), var.clone()))
            .collect()
    }

    /// The variables that are not frozen, sorted by name.
    pub fn trainable(&self) -> Vec<(String, Var)> {
        let frozen = self.lock().frozen.clone();
        let mut vars = self.vars();
        vars.retain(|(name, _)| !frozen.as_ref().is_some_and(|frozen| frozen(name)));
        vars
    }

    /// The variable of that name.
    pub fn get(&self, name: &str) -> Option<Var> {
        self.lock().vars.get(name).cloned()
    }

    /// Names whose values were initialised, not given.
    pub fn initialised(&self) -> Vec<String> {
        self.lock().initialised.iter().cloned().collect()
    }

    /// Names of given tensors that no builder asked for.
    pub fn unused(&self) -> Vec<String> {
        self.lock().given.keys().cloned().collect()
    }

    /// How many numbers all variables hold.
    pub fn count(&self) -> usize {
        self.lock().vars.values().map(|var| var.elem_count()).sum()
    }

    /// Where the parameters live.
    pub fn device(&self) -> &Device {
        &self.device
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Inner {
    fn hand_out(&self, name: &str, var: &Var) -> Tensor {
        match &self.frozen {
            Some(frozen) if frozen(name) => var.as_detached_tensor(),
            _ => var.as_tensor().clone(),
        }
    }
}

impl std::fmt::Debug for ParamStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.lock().vars.keys()).finish()
    }
}

impl SimpleBackend for ParamStore {
    fn get(&self, shape: Shape, name: &str, init: Init, _: DType, _: &Device) -> Result<Tensor> {
        let mut inner = self.lock();
        if let Some(var) = inner.vars.get(name) {
            return match var.shape() == &shape {
                true => Ok(inner.hand_out(name, var)),
                false => bail!(
                    "parameter `{name}` is asked for as {shape:?} but was made as {:?}",
                    var.shape()
                ),
            };
        }
        let value = match inner.given.get(name) {
            Some(given) if given.shape() == &shape => {
                given.to_dtype(DType::F32)?.to_device(&self.device)?
            }
            Some(given) => {
                bail!(
                    "tensor `{name}` has shape {:?}, expected {:?}",
                    given.dims(),
                    shape.dims()
                )
            }
            None if inner.strict => bail!("tensor `{name}` of shape {:?} is missing", shape.dims()),
            None => {
                let stream = inner.init.child(name);
                let values = match (inner.rule.clone(), shape.dims()) {
                    (Some(rule), &[outputs, inputs]) => rule(name, (outputs, inputs))
                        .map(|initialiser| initialiser.values(outputs, inputs, stream)),
                    _ => None,
                };
                let values = values.unwrap_or_else(|| initial_values(&shape, init, stream));
                inner.initialised.insert(name.to_owned());
                Tensor::from_vec(values, shape, &self.device)?
            }
        };
        let var = Var::from_tensor(&value)?;
        // The values live in the variable from here on.
        inner.given.remove(name);
        inner.vars.insert(name.to_owned(), var.clone());
        Ok(inner.hand_out(name, &var))
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        let shape = {
            let inner = self.lock();
            let known = inner.vars.get(name).map(|var| var.as_tensor());
            match known.or_else(|| inner.given.get(name)) {
                Some(tensor) => tensor.shape().clone(),
                None => bail!("tensor `{name}` is missing"),
            }
        };
        SimpleBackend::get(self, shape, name, Init::Const(0.0), dtype, device)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        let inner = self.lock();
        inner.given.contains_key(name) || inner.vars.contains_key(name)
    }
}

fn initial_values(shape: &Shape, init: Init, mut stream: RandomStream) -> Vec<f32> {
    let count = shape.elem_count();
    let mut normal = |mean: f64, deviation: f64| -> Vec<f32> {
        (0..count)
            .map(|_| (mean + deviation * stream.normal()) as f32)
            .collect()
    };
    match init {
        Init::Const(value) => vec![value as f32; count],
        Init::Randn { mean, stdev } => normal(mean, stdev),
        Init::Kaiming {
            dist,
            fan,
            non_linearity,
        } => {
            let deviation = non_linearity.gain() / (fan_of(&fan, shape) as f64).sqrt();
            match dist {
                NormalOrUniform::Normal => normal(0.0, deviation),
                NormalOrUniform::Uniform => uniform(
                    count,
                    -deviation * 3f64.sqrt(),
                    deviation * 3f64.sqrt(),
                    stream,
                ),
            }
        }
        Init::Uniform { lo, up } => uniform(count, lo, up, stream),
    }
}

fn uniform(count: usize, low: f64, high: f64, mut stream: RandomStream) -> Vec<f32> {
    (0..count)
        .map(|_| (low + (high - low) * stream.uniform_f64()) as f32)
        .collect()
}

fn fan_of(fan: &FanInOut, shape: &Shape) -> usize {
    fan.for_shape(shape).max(1)
}
