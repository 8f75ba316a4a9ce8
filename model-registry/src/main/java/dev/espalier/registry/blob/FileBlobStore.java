package dev.espalier.registry.blob;

import dev.espalier.protocol.Digest;
import dev.espalier.transfer.StagedUpload;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;

/** Keeps each blob as one file, in 256 folders by the first two digits of its digest. */
final class FileBlobStore implements BlobStore {

    private final Path folder;

    /**
     * @param folder created where missing; must lie on the file system that uploads are staged on
     */
    FileBlobStore(Path folder) {
        this.folder = created(folder.toAbsolutePath());
    }

    @Override
    public void store(Digest digest, Path whole) throws IOException {
        Path target = path(digest);
        if (Files.isRegularFile(target) && Files.size(target) == Files.size(whole)) {
            return;
        }
        createDurably(shelf(digest));
        StagedUpload.at(whole).moveTo(target);
    }

    @Override
    public OptionalLong size(Digest digest) throws IOException {
        Path file = path(digest);
        return Files.isRegularFile(file) ? OptionalLong.of(Files.size(file)) : OptionalLong.empty();
    }

    @Override
    public InputStream open(Digest digest, long offset) throws IOException {
        FileChannel channel = FileChannel.open(path(digest), StandardOpenOption.READ);
        return Channels.newInputStream(channel.position(offset));
    }

    @Override
    public Optional<Path> localFile(Digest digest) {
        return Optional.of(path(digest));
    }

    private Path path(Digest digest) {
        return shelf(digest).resolve(digest.hex());
    }

    private Path shelf(Digest digest) {
        return folder.resolve(digest.hex().substring(0, 2));
    }

    /** A new shelf survives a crash only once the folder that lists it is on disk. */
    private void createDurably(Path shelf) throws IOException {
        if (Files.isDirectory(shelf)) {
            return;
        }
        Files.createDirectories(shelf);
        try (FileChannel listing = FileChannel.open(folder, StandardOpenOption.READ)) {
            listing.force(true);
        }
    }

    private static Path created(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep blobs in " + folder, e);
        }
    }
}
