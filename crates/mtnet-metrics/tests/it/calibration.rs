//! Calibration against netcal and torchmetrics, and the edges by hand.

use mtnet_metrics::Reliability;

use crate::oracle::cases;

#[test]
fn calibration_agrees_with_netcal_and_torchmetrics() {
    let cases = cases("calibration");
    assert_eq!(cases.len(), 12);
    let mut compared = 0;
    for case in cases {
        let truth: Vec<usize> = case.input("y_true");
        let rows: Vec<Vec<f64>> = case.input("prob");
        let num_bins: usize = case.input("n_bins");
        let is_on_edge = case.json["edges"] == true;
        let top = Reliability::from_probabilities(&truth, &rows, num_bins).unwrap();
        let yes: Vec<bool> = truth.iter().map(|&class| class == 1).collect();
        let of_yes: Vec<f64> = rows.iter().map(|row| row[1]).collect();
        let binary = Reliability::from_confidences(&yes, &of_yes, num_bins).unwrap();
        case.check(|name| {
            // There the libraries close bins on the left, the paper and this crate on the right.
            if is_on_edge && (name.contains("binary") || name.contains("netcal")) {
                return None;
            }
            compared += 1;
            Some(Ok(match name {
                "ece_netcal" | "ece_torchmetrics" => top.expected_calibration_error(),
                "mce_netcal" | "mce_torchmetrics" => top.maximum_calibration_error(),
                "rmsce_torchmetrics" => top.root_mean_square_calibration_error(),
                "ece_binary_netcal" | "ece_binary_torchmetrics" => {
                    binary.expected_calibration_error()
                }
                other => panic!("unknown metric {other}"),
            }))
        });
    }
    // 12 cases of torchmetrics' three, two of netcal on 5 cases, two binary on 2 cases.
    assert_eq!(compared, 12 * 3 + 5 * 2 + 2 * 2);
}

#[test]
fn an_upper_edge_is_part_of_its_bin() {
    for num_bins in 1..=200 {
        // Of every edge: the edge itself, and the numbers next to it.
        for bin in 0..num_bins {
            let edge = (bin + 1) as f64 / num_bins as f64;
            let inside = [edge, edge.next_down()];
            for confidence in inside {
                assert_eq!(
                    bin_of(confidence, num_bins),
                    bin,
                    "{confidence} of {num_bins} bins"
                );
            }
            if bin + 1 < num_bins {
                assert_eq!(bin_of(edge.next_up(), num_bins), bin + 1);
            }
        }
        assert_eq!(bin_of(0.0, num_bins), 0);
    }
}

fn bin_of(confidence: f64, num_bins: usize) -> usize {
    let reliability = Reliability::from_confidences(&[true], &[confidence], num_bins).unwrap();
    let bins = reliability.bins();
    assert_eq!(bins.len(), num_bins);
    let filled = bins.iter().position(|bin| bin.count == 1).unwrap();
    let bin = &bins[filled];
    assert!(confidence <= bin.upper && (confidence > bin.lower || filled == 0));
    assert_eq!((bin.confidence, bin.accuracy), (confidence, 1.0));
    filled
}
