package dev.espalier.orchestrator.job;

/** Maps of heads, of components and of sparsity that the OpenAPI document shows. */
final class MapExamples {

    static final String HEADS =
            """
            {
              "blocks": [{"name": "bert.encoder.layer.0.attention", "heads": 2}],
              "rounds": [{"number": 1, "cohort": 4, "contributors": [[3, 0]],
                          "confidence": [[0.41, 0.0]]}]
            }\
            """;

    static final String HEADS_CSV =
            """
            round,block,head,contributors,cohort,confidence
            1,bert.encoder.layer.0.attention,0,3,4,0.41
            1,bert.encoder.layer.0.attention,1,0,4,0.0
            """;

    static final String COMPONENTS =
            """
            {
              "modules": [{"name": "bert.encoder.layer.0.attention.self.query", "rank": 2}],
              "rounds": [{"number": 1, "cohort": 2, "contributors": [[2, 1]],
                          "importance": [[0.0031, 0.0007]], "age": [[0, 0]],
                          "truncationError": null,
                          "clients": [{"agent": "mail-provider-1", "rank": 2, "components": null},
                                      {"agent": "mail-provider-2", "rank": 1, "components":
                                       {"bert.encoder.layer.0.attention.self.query": [0]}}]}]
            }\
            """;

    static final String COMPONENTS_CSV =
            """
            round,module,component,contributors,cohort,importance,age,truncationError,assigned
            1,bert.encoder.layer.0.attention.self.query,0,2,2,0.0031,0,,mail-provider-1 mail-provider-2
            1,bert.encoder.layer.0.attention.self.query,1,1,2,7.0E-4,0,,mail-provider-1
            """;

    static final String SVG = "<svg xmlns=\"http://www.w3.org/2000/svg\">...</svg>";

    static final String SPARSITY =
            """
            {
              "rounds": [{"number": 1, "sparsity": 0.5, "matrices": [
                {"name": "model.decoder.layers.0.fc1.weight", "elements": 2359296,
                 "zeros": 1179648, "responders": 8},
                {"name": "model.decoder.layers.0.fc2.weight", "elements": 2359296,
                 "zeros": 1179648, "responders": 8}]}]
            }\
            """;

    static final String SPARSITY_CSV =
            """
            round,matrix,elements,zeros,sparsity,responders
            1,model.decoder.layers.0.fc1.weight,2359296,1179648,0.5,8
            1,model.decoder.layers.0.fc2.weight,2359296,1179648,0.5,8
            """;

    private MapExamples() {}
}
