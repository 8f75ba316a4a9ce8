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
                 "progress": null, "examples": 1204, "keptHeads": null,
                 "lossBefore": null, "lossAfter": 0.19, "bytesUp": 304144,
                 "taskHeadBytesUp": 9224, "wireBytesUp": 309816, "bytesDown": 421188,
                 "trainSeconds": 38.2,
                 "cost": {"macs": 1843000000000, "attentionMacs": 421000000000,
                          "attentionMacsDenseOutput": 498000000000, "scoringMacs": 0}},
                {"agent": "mail-provider-2", "outcome": "MISSED",
                 "reason": "the round was sealed without it", "progress": null, "examples": 0,
                 "keptHeads": null, "lossBefore": null, "lossAfter": null, "bytesUp": 0, "taskHeadBytesUp": 0, "wireBytesUp": 0,
                 "bytesDown": 0, "trainSeconds": 0.0, "cost": null}
              ],
              "leftOut": [{"agent": "mail-judge", "reason": "has not the role TRAIN"}],
              "evaluation": {"examples": 600, "loss": 0.11, "accuracy": 0.965, "macroF1": 0.958,
                             "bleu": null, "rougeL": null},
              "finalEvaluation": null,
              "traffic": {"bytesUp": 304144, "taskHeadBytesUp": 9224, "wireBytesUp": 309816,
                          "bytesDown": 421188, "denseBytesUp": 304136},
              "cost": {"macs": 1843000000000, "attentionMacs": 421000000000,
                       "attentionMacsDenseOutput": 498000000000, "scoringMacs": 0},
              "timing": {"training": 38.2, "aggregation": 0.2, "waiting": 12.5, "total": 71.4},
              "reason": null,
              "startedAt": "2026-01-05T10:15:30.123Z",
              "deadline": "2026-01-05T10:25:30.123Z",
              "endedAt": "2026-01-05T10:16:41.523Z"
            }\
            """;

    private Examples() {}
}
