//! From a model folder to a graph.

use mtnet_encoders::EncoderSpec;
use mtnet_heads::{HeadConfig, Reads};
use mtnet_model::{ModelFolder, Task};
use prost::Message as _;

use super::form::Form;
use super::graph::{CONTRIB, Graph};
use super::linear::Style;
use super::metadata::{Exported, metadata};
use super::proto::{ModelProto, OperatorSetIdProto};
use super::{OnnxOptions, check_structure, heads, mt_net, transformer};
use crate::ExportError;
use crate::weights::{Weights, encoder_spec};

/// Version of the file format; 8 came with operator set 17.
const IR_VERSION: i64 = 8;
/// Operator set of the standard: the first with `LayerNormalization`.
const OPSET: i64 = 17;
/// What one protocol buffer can hold.
const FILE_LIMIT: usize = i32::MAX as usize;

/// The graph of a model: its encoder with the heads of the named tasks.
///
/// Inputs are `input_ids`, `attention_mask` and, where the encoder tells segments apart,
/// `token_type_ids`, `i64` `(batch, sequence)`, padded at the end; packed, `input_ids` and
/// `token_type_ids` are `(tokens)`, and `cu_seqlens` `(sequences + 1)` holds the borders from 0.
/// Outputs are `f32`: `<task>_logits` and `<task>_probabilities`, `(batch, labels)` or
/// `(batch, sequence, labels)`; plain `logits` and `probabilities` where the graph was asked for
/// one task by name. An answer to a question has `<task>_start_logits` and `<task>_end_logits`,
/// `(batch, sequence)`, in their place. The encoder alone gives `last_hidden_state` and `sentence_embedding`.
///
/// # Errors
/// If a task is not in the model, a head is not built in, options exclude each other, or the file
/// would be too large for the format.
pub fn onnx_model(folder: &ModelFolder, options: &OnnxOptions) -> Result<ModelProto, ExportError> {
    if options.encoder && !options.tasks.is_empty() {
        return Err(ExportError::Options {
            problem: "the encoder alone was asked for, and tasks by name".to_owned(),
            remedy: "choose one of the two",
        });
    }
    let spec = encoder_spec(folder)?;
    let style = Style {
        weights: Weights::of(folder),
        optimize: options.optimize,
        int8: options.int8,
    };
    let tasks = if options.encoder {
        Vec::new()
    } else {
        chosen(folder, options)?
    };
    let mut graph = Graph::default();
    let form = Form::new(&mut graph, options.packed, tells_segments_apart(&spec));
    let hidden = match &spec {
        EncoderSpec::Transformer(spec) => {
            transformer::transformer(&mut graph, &form, &style, spec)?
        }
        EncoderSpec::MtNet(config) => mt_net::mt_net(&mut graph, &form, &style, config)?,
        _ => return Err(unknown_encoder()),
    };
    let reads_of = |task: &Exported| match task.task.spec.head {
        HeadConfig::TokenClassification(_) => Reads::Words,
        HeadConfig::QuestionAnswering(_) => Reads::Passages,
        _ => Reads::Sequences,
    };
    let pools = |task: &Exported| reads_of(task) == Reads::Sequences;
    let pooled = (options.encoder || tasks.iter().any(pools))
        .then(|| form.pool(&mut graph, &hidden, folder.model.pooling()));
    for task in &tasks {
        let reads = reads_of(task);
        let rows = match (reads, &pooled) {
            (Reads::Sequences, Some(pooled)) => pooled,
            _ => &hidden,
        };
        let mut logits = heads::logits(&mut graph, &style, rows, &task.task.spec)?;
        let columns = task.task.spec.labels.len();
        let axes = match reads {
            Reads::Sequences => form.sequence_axes(columns),
            Reads::Words => {
                logits = form.token_output(&mut graph, &logits);
                form.token_axes(columns)
            }
            Reads::Passages => {
                let logits = form.token_output(&mut graph, &logits);
                let mut axes = form.token_axes(columns);
                axes.pop();
                for (column, name) in (0..).zip(task.span_outputs()) {
                    let column = graph.int(column);
                    let logits = graph.gather(&logits, &column, -1);
                    graph.output(&name, &logits, &axes);
                }
                continue;
            }
        };
        graph.output(&task.logits, &logits, &axes);
        if let Some(name) = &task.probabilities
            && let Some(found) = heads::probabilities(&mut graph, task.task, &logits)
        {
            graph.output(name, &found, &axes);
        }
    }
    if let (true, Some(pooled)) = (options.encoder, &pooled) {
        let width = spec.hidden_size();
        let rows = form.token_output(&mut graph, &hidden);
        graph.output("last_hidden_state", &rows, &form.token_axes(width));
        graph.output("sentence_embedding", pooled, &form.sequence_axes(width));
    }
    let mut opset_import = vec![opset("", OPSET)];
    if options.optimize {
        opset_import.push(opset(CONTRIB, 1));
    }
    let model = ModelProto {
        ir_version: IR_VERSION,
        producer_name: "mtnet".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(graph.finish("mtnet")),
        opset_import,
        metadata_props: metadata(folder, &tasks),
    };
    if let Err(broken) = check_structure(&model) {
        panic!("the exporter wrote a graph that is none: {broken}");
    }
    let bytes = model.encoded_len();
    if bytes > FILE_LIMIT {
        return Err(ExportError::TooLarge {
            bytes,
            limit: FILE_LIMIT,
        });
    }
    Ok(model)
}

/// The tasks of the graph with the names of their outputs.
fn chosen<'a>(
    folder: &'a ModelFolder,
    options: &OnnxOptions,
) -> Result<Vec<Exported<'a>>, ExportError> {
    let model = &folder.model;
    let tasks: Vec<&Task> = if options.tasks.is_empty() {
        model.tasks().iter().collect()
    } else {
        let mut tasks: Vec<&Task> = Vec::new();
        for name in &options.tasks {
            let task = &model.tasks()[model.task_index(name)?];
            if tasks.iter().any(|named| named.spec.name == *name) {
                return Err(ExportError::Options {
                    problem: format!("task `{name}` is named twice"),
                    remedy: "name it once",
                });
            }
            tasks.push(task);
        }
        tasks
    };
    let alone = options.tasks.len() == 1;
    let output = |task: &Task, what: &str| match alone {
        true => what.to_owned(),
        false => format!("{}_{what}", task.spec.name),
    };
    Ok(tasks
        .into_iter()
        .map(|task| {
            let none = matches!(
                task.spec.head,
                HeadConfig::Regression(_) | HeadConfig::QuestionAnswering(_)
            );
            let has = options.probabilities && !none;
            Exported {
                task,
                logits: output(task, "logits"),
                probabilities: has.then(|| output(task, "probabilities")),
            }
        })
        .collect())
}

/// Whether the segments of a pair have rows of their own.
fn tells_segments_apart(spec: &EncoderSpec) -> bool {
    match spec {
        EncoderSpec::Transformer(spec) => spec.type_vocab_size > 1,
        EncoderSpec::MtNet(config) => config.type_vocab_size > 1,
        _ => false,
    }
}

fn unknown_encoder() -> ExportError {
    ExportError::NoCounterpart {
        what: "this encoder".to_owned(),
        program: "ONNX",
        reason: "the exporter does not know how it computes".to_owned(),
        remedy: "use a newer version".to_owned(),
    }
}

fn opset(domain: &str, version: i64) -> OperatorSetIdProto {
    OperatorSetIdProto {
        domain: domain.to_owned(),
        version,
    }
}
