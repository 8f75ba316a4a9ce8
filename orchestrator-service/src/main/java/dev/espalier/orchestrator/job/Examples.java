package dev.espalier.orchestrator.job;

/** What the OpenAPI document shows of this room. */
final class Examples {

    /** Complete, and accepted as it stands where the base of the demo is registered. */
    static final String SPECIFICATION =
            """
            {
              "name": "spam filter across five mail providers",
              "seed": 42,
              "model": {"base": "all-minilm-l6-v2@1", "publishAs": "spam-filter"},
              "data": "mail",
              "task": {"kind": "SEQUENCE_CLASSIFICATION", "labels": ["ham", "spam"],
                       "maxLength": 64},
              "phases": [
                {
                  "kind": "FINE_TUNE",
                  "rounds": 4,
                  "selection": {"policy": "UNIFORM", "fraction": 0.8},
                  "adapter": {"rank": 8, "alpha": 16, "dropout": 0.05,
                              "targetModules": ["query", "value"]},
                  "aggregation": {"rule": "FED_AVG", "maxUpdateNorm": 50},
                  "training": {"localEpochs": 1, "batchSize": 16, "learningRate": 0.0005,
                               "schedule": "LINEAR", "warmup": 0.1, "weightDecay": 0.01,
                               "clipNorm": 1, "maxExamples": 2000},
                  "deadline": "PT10M",
                  "quorum": 0.5
                }
              ],
              "evaluation": {"data": "mail-test", "everyRounds": 1},
              "alias": "champion"
            }\
            """;

    /** The least that must be said. */
    static final String SHORT_SPECIFICATION =
            """
            {
              "name": "spam-filter",
              "seed": 42,
              "model": {"base": "all-minilm-l6-v2", "publishAs": "spam-filter"},
              "data": "mail",
              "task": {"kind": "SEQUENCE_CLASSIFICATION", "labels": ["ham", "spam"]},
              "phases": [{"kind": "FINE_TUNE", "rounds": 2, "adapter": {"rank": 8},
                          "training": {"learningRate": 0.0005}}]
            }\
            """;

    static final String JOB =
            """
            {
              "id": "0192f0c1-0a3b-7c44-8a10-6f3f0f6f4b01",
              "state": "RUNNING",
              "specification":\
            """
                    + SPECIFICATION
                    + """
                    ,
                      "base": "all-minilm-l6-v2@1",
                      "round": 1,
                      "rounds": 4,
                      "waitingFor": "no agent is enrolled",
                      "reason": null,
                      "latest": "spam-filter@1",
                      "merged": null,
                      "createdAt": "2026-01-05T10:15:29.950Z",
                      "endedAt": null
                    }\
                    """;

    static final String ROUND =
            """
            {
              "id": "0192f0c1-7c00-7d10-b7de-50a6c7e83c02",
              "number": 2,
              "phase": 0,
              "state": "COMPLETED",
              "parent": "spam-filter@2",
              "published": "spam-filter@3",
              "needed": 2,
              "clients": [
                {"agent": "mail-provider-1", "outcome": "ACCEPTED", "reason": null,
                 "progress": null, "examples": 1204, "keptHeads": null, "rank": 2,
                 "keptComponents": 24, "layers": null, "sparsity": null,
                 "quantisationError": 0.0061,
                 "lossBefore": null, "lossAfter": 0.19, "bytesUp": 304144,
                 "taskHeadBytesUp": 9224, "wireBytesUp": 309816, "bytesDown": 421188, "baseBytesDown": 0,
                 "trainSeconds": 38.2,
                 "cost": {"macs": 1843000000000, "attentionMacs": 421000000000,
                          "attentionMacsDenseOutput": 498000000000, "scoringMacs": 0}},
                {"agent": "mail-provider-2", "outcome": "MISSED",
                 "reason": "the round was sealed without it", "progress": null, "examples": 0,
                 "keptHeads": null, "rank": 8, "keptComponents": null, "layers": null,
                 "sparsity": null, "quantisationError": null,
                 "lossBefore": null, "lossAfter": null, "bytesUp": 0, "taskHeadBytesUp": 0, "wireBytesUp": 0,
                 "bytesDown": 0, "baseBytesDown": 0, "trainSeconds": 0.0, "cost": null}
              ],
              "leftOut": [{"agent": "mail-judge", "reason": "has not the role TRAIN"}],
              "evaluation": {"examples": 600, "loss": 0.11, "accuracy": 0.965, "macroF1": 0.958,
                             "bleu": null, "rougeL": null, "perplexity": null,
                             "agents": [{"agent": "judge", "examples": 600, "loss": 0.11,
                                         "accuracy": 0.965, "perplexity": null}]},
              "clientEvaluation": null,
              "finalEvaluation": null,
              "sparsity": null,
              "traffic": {"bytesUp": 304144, "taskHeadBytesUp": 9224, "wireBytesUp": 309816,
                          "bytesDown": 421188, "baseBytesDown": 0,
                          "denseBytesUp": 304136, "denseBytesDown": 304136},
              "cost": {"macs": 1843000000000, "attentionMacs": 421000000000,
                       "attentionMacsDenseOutput": 498000000000, "scoringMacs": 0},
              "timing": {"training": 38.2, "aggregation": 0.2, "waiting": 12.5, "total": 71.4},
              "reason": null,
              "startedAt": "2026-01-05T10:15:30.123Z",
              "deadline": "2026-01-05T10:25:30.123Z",
              "endedAt": "2026-01-05T10:16:41.523Z"
            }\
            """;

    static final String SELECTION =
            """
            {
              "round": 2,
              "policy": {"policy": "LOSS_DIFFERENCE", "fraction": 0.5, "candidates": 1.0,
                         "ageing": 0.9, "scoring": {"samples": 256, "deadline": "PT2M"}},
              "seed": 42,
              "after": null,
              "wanted": 1,
              "candidates": [
                {"agent": "mail-provider-1", "examples": 1204, "key": null, "asked": true,
                 "globalLoss": 0.61, "ownLoss": 0.25, "lossRound": 2, "score": 0.36,
                 "chosen": true, "reason": "by its loss difference, place 1 of 2"},
                {"agent": "mail-provider-2", "examples": 310, "key": null, "asked": true,
                 "globalLoss": 0.5, "ownLoss": 0.3, "lossRound": 1, "score": 0.18,
                 "chosen": false,
                 "reason": "was not drawn for this round: by its loss difference of 1 round ago, place 2 of 2"}
              ],
              "leftOut": [{"agent": "mail-judge", "reason": "has not the role TRAIN"}]
            }\
            """;

    static final String REPORT =
            """
            {
              "state": "COMPLETED",
              "rounds": 1,
              "traffic": {"bytesUp": 173912, "taskHeadBytesUp": 9224, "wireBytesUp": 181210,
                          "bytesDown": 304136, "baseBytesDown": 0,
                          "denseBytesUp": 304136, "denseBytesDown": 304136},
              "bytesTotal": 478048,
              "denseBytesTotal": 608272,
              "cost": {"macs": 843000000000, "attentionMacs": 42000000000,
                       "attentionMacsDenseOutput": 98000000000, "scoringMacs": 9200000000},
              "trainSeconds": 14.8,
              "curve": [
                {"round": 1,
                 "evaluation": {"examples": 600, "loss": 0.11, "accuracy": 0.965, "macroF1": 0.958,
                                "bleu": null, "rougeL": null, "perplexity": null},
                 "cost": {"macs": 843000000000, "attentionMacs": 42000000000,
                          "attentionMacsDenseOutput": 98000000000, "scoringMacs": 9200000000},
                 "bytesUp": 173912}
              ],
              "finalEvaluation": null,
              "target": {"accuracy": 0.95, "round": 1,
                         "cost": {"macs": 843000000000, "attentionMacs": 42000000000,
                                  "attentionMacsDenseOutput": 98000000000,
                                  "scoringMacs": 9200000000}}
            }\
            """;

    /** Clients of different strength train different components of one adapter. */
    static final String RANKS_SPECIFICATION =
            """
            {
              "name": "spam filter of strong and weak providers",
              "seed": 42,
              "model": {"base": "all-minilm-l6-v2@1", "publishAs": "spam-filter"},
              "data": "mail",
              "task": {"kind": "SEQUENCE_CLASSIFICATION", "labels": ["ham", "spam"]},
              "phases": [
                {
                  "kind": "FINE_TUNE",
                  "rounds": 30,
                  "adapter": {"rank": 8, "alpha": 16, "targetModules": ["query", "value"]},
                  "ranks": {
                    "variant": "FREEZING",
                    "allotment": {"by": "TIERS", "tiers": [
                      {"rank": 8, "minMemoryBytes": 8000000000, "minProcessors": 8},
                      {"rank": 2, "minMemoryBytes": 2000000000},
                      {"rank": 1}]},
                    "importance": {"score": "SMOOTHED", "source": "UPDATE_PROXY", "beta1": 0.85,
                                   "beta2": 0.85},
                    "starvationEvery": 10
                  },
                  "quantisation": {"bits": 8},
                  "aggregation": {"rule": "RANK_ADAPTIVE"},
                  "training": {"learningRate": 0.0005}
                }
              ],
              "evaluation": {"data": "mail-test", "everyRounds": 1}
            }\
            """;

    /** The base is made sparse by all, and then a small adapter makes up for what that cost. */
    static final String PRUNE_SPECIFICATION =
            """
            {
              "name": "half of the weights",
              "seed": 42,
              "model": {"base": "opt-125m@1", "publishAs": "opt-half"},
              "data": "letters",
              "task": {"kind": "CAUSAL_LANGUAGE_MODELLING", "maxLength": 128},
              "phases": [
                {
                  "kind": "PRUNE",
                  "rounds": 1,
                  "weights": {"sparsity": 0.5, "pruner": "WANDA", "calibrationSamples": 32},
                  "layers": {"tiers": [{"ratio": 1, "minMemoryBytes": 8000000000},
                                       {"ratio": 0.5}]},
                  "aggregation": {"rule": "L0_MASK_EXPANSION"}
                },
                {
                  "kind": "FINE_TUNE",
                  "rounds": 4,
                  "adapter": {"rank": 8, "targetModules": ["q_proj", "v_proj"]},
                  "training": {"learningRate": 0.0005}
                }
              ],
              "evaluation": {"data": "letters-test", "clientData": "letters"},
              "alias": "champion"
            }\
            """;

    private Examples() {}
}
