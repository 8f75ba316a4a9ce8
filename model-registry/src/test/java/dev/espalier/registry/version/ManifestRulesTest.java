package dev.espalier.registry.version;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.PublishVersion;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.problem.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestRulesTest {

    private static final VersionRef BASE = VersionRef.parse("minilm@1");
    private static final Digest DIGEST = Digest.of(new byte[0]);

    private final ManifestRules rules = new ManifestRules(100);

    @Test
    void aPlainAdapterIsFine() {
        assertThat(rules.faults(adapter("a.json", "folder/b.json", "folder/c.json"))).isEmpty();
    }

    @Test
    void aPathIsThereOnce() {
        assertThat(fields(adapter("a.json", "b.json", "a.json"))).containsExactly("files[2].path");
    }

    @Test
    void aFileIsNoFolderOfAnother() {
        assertThat(fields(adapter("a/b/c", "a"))).containsExactly("files[0].path");
    }

    @Test
    void theSumOfTheSizesIsLimitedEvenWhereItOverflows() {
        assertThat(fields(base(file("a", 60), file("b", 40)))).isEmpty();
        assertThat(fields(base(file("a", 60), file("b", 41)))).containsExactly("files");
        assertThat(fields(base(file("a", Long.MAX_VALUE), file("b", Long.MAX_VALUE))))
                .containsExactly("files");
    }

    @Test
    void anAdapterSitsOnABaseAndABaseOnNothing() {
        VersionFile file = file("a", 1);

        assertThat(fields(request("k", VersionKind.ADAPTER, null, null, file)))
                .containsExactly("base");
        assertThat(fields(request("k", VersionKind.BASE, BASE, null, file)))
                .containsExactly("base");
        assertThat(fields(request("k", VersionKind.MERGED, BASE, null, file))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "two\nlines", "nul\0", "bell\u0007"})
    void aKeyStaysOnOneLineOfALog(String key) {
        assertThat(fields(request(key, VersionKind.BASE, null, null, file("a", 1))))
                .containsExactly("key");
    }

    @Test
    void aContributorCountsOnce() {
        Lineage.Contributor ada = new Lineage.Contributor(new AgentName("ada"), 5);
        Lineage lineage = new Lineage(null, new JobId(new UUID(0, 1)), null, 0, List.of(ada, ada));

        assertThat(fields(request("k", VersionKind.BASE, null, lineage, file("a", 1))))
                .containsExactly("lineage.contributors[1].agent");
    }

    private List<String> fields(PublishVersion request) {
        return rules.faults(request).stream().map(Problem.Field::field).toList();
    }

    private static PublishVersion adapter(String... paths) {
        VersionFile[] files =
                Arrays.stream(paths).map(path -> file(path, 1)).toArray(VersionFile[]::new);
        return request("round 1", VersionKind.ADAPTER, BASE, null, files);
    }

    private static PublishVersion base(VersionFile... files) {
        return request("import", VersionKind.BASE, null, null, files);
    }

    private static PublishVersion request(
            String key, VersionKind kind, VersionRef base, Lineage lineage, VersionFile... files) {
        return new PublishVersion(key, kind, List.of(files), base, lineage, null);
    }

    private static VersionFile file(String path, long size) {
        return new VersionFile(path, DIGEST, size);
    }
}
