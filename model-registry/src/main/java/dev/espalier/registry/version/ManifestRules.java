package dev.espalier.registry.version;

import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.PublishVersion;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.problem.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a publication must fulfil by itself, before anything is looked up. */
final class ManifestRules {

    private final long maxVersionBytes;

    ManifestRules(long maxVersionBytes) {
        this.maxVersionBytes = maxVersionBytes;
    }

    List<Problem.Field> faults(PublishVersion request) {
        List<Problem.Field> faults = new ArrayList<>();
        checkKey(request.key(), faults);
        checkPaths(request.files(), faults);
        checkTotal(request.files(), faults);
        checkKind(request, faults);
        checkContributors(request.lineage(), faults);
        return faults;
    }

    /** A key shows up in logs, so it stays on one line. */
    private static void checkKey(String key, List<Problem.Field> faults) {
        if (key.isBlank() || key.chars().anyMatch(Character::isISOControl)) {
            faults.add(new Problem.Field("key", "must be printable text"));
        }
    }

    /** The files must fit into one folder: no path twice, no file where another needs a folder. */
    private static void checkPaths(List<VersionFile> files, List<Problem.Field> faults) {
        Set<String> paths = new HashSet<>();
        for (int i = 0; i < files.size(); i++) {
            if (!paths.add(files.get(i).path())) {
                faults.add(fault(i, "path", "'%s' is there twice", files.get(i).path()));
            }
        }
        for (int i = 0; i < files.size(); i++) {
            for (String folder : folders(files.get(i).path())) {
                if (paths.contains(folder)) {
                    faults.add(fault(i, "path", "'%s' is a file, not a folder", folder));
                }
            }
        }
    }

    private static List<String> folders(String path) {
        List<String> folders = new ArrayList<>();
        for (int end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
            folders.add(path.substring(0, end));
        }
        return folders;
    }

    private void checkTotal(List<VersionFile> files, List<Problem.Field> faults) {
        long left = maxVersionBytes;
        for (VersionFile file : files) {
            if (file.size() > left) {
                faults.add(
                        new Problem.Field(
                                "files",
                                "are more than the %d bytes that a version may have"
                                        .formatted(maxVersionBytes)));
                return;
            }
            left -= file.size();
        }
    }

    private static void checkKind(PublishVersion request, List<Problem.Field> faults) {
        if (request.kind() == VersionKind.ADAPTER && request.base() == null) {
            faults.add(new Problem.Field("base", "an adapter must name the version it sits on"));
        }
        if (request.kind() == VersionKind.ADAPTER && request.structure() != null) {
            faults.add(new Problem.Field("structure", "an adapter has that of its base"));
        }
        if (request.kind() == VersionKind.BASE && request.base() != null) {
            faults.add(new Problem.Field("base", "a base sits on no other version"));
        }
    }

    private static void checkContributors(@Nullable Lineage lineage, List<Problem.Field> faults) {
        if (lineage == null) {
            return;
        }
        Set<Object> agents = new HashSet<>();
        for (int i = 0; i < lineage.contributors().size(); i++) {
            if (!agents.add(lineage.contributors().get(i).agent())) {
                faults.add(
                        new Problem.Field(
                                "lineage.contributors[%d].agent".formatted(i), "is there twice"));
            }
        }
    }

    private static Problem.Field fault(int file, String field, String reason, String path) {
        return new Problem.Field("files[%d].%s".formatted(file, field), reason.formatted(path));
    }
}
