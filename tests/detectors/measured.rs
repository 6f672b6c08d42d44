//! What the shipped rules find in made-up weeks, held on few of them; `cargo bench --bench detect` measures many (LOG-6).

#[path = "../../benches/detect/measure.rs"]
mod measure;
#[path = "../../benches/detect/world.rs"]
mod world;

use std::path::Path;

use portcullis::policy::{LoadOptions, load_text};

#[test]
fn detectors_of_the_shipped_policy_find_every_scenario_and_seldom_anything_else() {
    let text = include_str!("../../policies/sp-api.yaml");
    let loaded = load_text("sp-api.yaml", text, Path::new("policies"), &LoadOptions::check()).expect("a policy");
    for seed in [501, 502] {
        let outcome = measure::run(&loaded.policy, seed, 30, 8);
        assert_eq!(outcome.missed(), [""; 0], "seed {seed}");
        let alarms = f64::from(u32::try_from(outcome.false_alarms()).expect("few"));
        assert!(alarms / outcome.caller_months <= 1.0, "seed {seed}: {:?}", outcome.wrong);
    }
}
