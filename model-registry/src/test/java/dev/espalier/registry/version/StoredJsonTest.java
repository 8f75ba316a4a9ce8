package dev.espalier.registry.version;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.PublishVersion;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionKind;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StoredJsonTest {

    private static final VersionFile A = new VersionFile("a", Digest.of(new byte[] {1}), 1);
    private static final VersionFile B = new VersionFile("b", Digest.of(new byte[] {2}), 1);

    @Test
    void theOrderOfTheFilesIsNoContent() {
        assertThat(StoredJson.fingerprint(request(A, B)))
                .isEqualTo(StoredJson.fingerprint(request(B, A)));
    }

    @Test
    void everythingElseIsContent() {
        assertThat(StoredJson.fingerprint(request(A)))
                .isNotEqualTo(StoredJson.fingerprint(request(B)))
                .isNotEqualTo(
                        StoredJson.fingerprint(
                                new PublishVersion(
                                        "k", VersionKind.MERGED, List.of(A), null, null, null)));
    }

    /**
     * A fingerprint that changed between releases would turn retries into contradictions. This one
     * is from Python: {@code sha256(json.dumps(request, sort_keys=True, separators=(",", ":")))}.
     */
    @Test
    void fingerprintsOutliveThisRelease() {
        assertThat(StoredJson.fingerprint(request(A, B)).hex())
                .isEqualTo("a0ae41a457318de416be14efd0c80e07dfcae21273a690ee48db993509995cdc");
    }

    @Test
    void lineageStructureAndMetricsComeBackAsTheyWere() {
        Lineage lineage =
                new Lineage(
                        VersionRef.parse("spam-filter@3"),
                        new JobId(new UUID(0, 1)),
                        new RoundId(new UUID(0, 2)),
                        3,
                        List.of(new Lineage.Contributor(new AgentName("ada"), 512)));
        ModelStructure structure =
                new ModelStructure(
                        "bert",
                        1,
                        8,
                        16,
                        100,
                        1000,
                        List.of(new ModelStructure.Linear("query", 8, 8, true)),
                        List.of(
                                new ModelStructure.AttentionBlock(
                                        "self", 2, 2, 4, "q", "k", "v", "o")),
                        List.of(),
                        List.of("query"));
        Map<String, Double> metrics = Map.of("accuracy", 0.1 + 0.2, "loss", 1e-300);

        assertThat(StoredJson.lineage(StoredJson.write(lineage))).isEqualTo(lineage);
        assertThat(StoredJson.structure(StoredJson.write(structure))).isEqualTo(structure);
        assertThat(StoredJson.metrics(StoredJson.writeMetrics(metrics))).isEqualTo(metrics);
        assertThat(StoredJson.write(null)).isNull();
    }

    private static PublishVersion request(VersionFile... files) {
        return new PublishVersion("k", VersionKind.BASE, List.of(files), null, null, null);
    }
}
