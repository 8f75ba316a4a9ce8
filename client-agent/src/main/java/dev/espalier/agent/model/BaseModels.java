package dev.espalier.agent.model;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionManifest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Base models in memory, each loaded once for all agents of this process. The last one stays when
 * nobody uses it, since the next round wants it again; it goes when another is asked for.
 */
public final class BaseModels implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(BaseModels.class);

    private static final String TOKENIZER = "tokenizer.json";

    private final Precision precision;
    private final Map<Digest, Loaded> loaded = new HashMap<>();
    private int loads;

    /** In single precision. */
    public BaseModels() {
        this(Precision.SINGLE);
    }

    /**
     * @param precision in which they compute
     */
    public BaseModels(Precision precision) {
        this.precision = precision;
    }

    private static final class Loaded {
        final BaseModel model;
        final VersionCache.Held files;
        int users;

        Loaded(BaseModel model, VersionCache.Held files) {
            this.model = model;
            this.files = files;
        }

        void close() {
            model.close();
            files.close();
        }
    }

    /** The right to use a base model until it is closed. */
    public static final class Lease implements AutoCloseable {

        private final BaseModel model;
        private final ModelStructure structure;
        private final Digest tokenizer;
        private final Runnable release;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Lease(
                BaseModel model, ModelStructure structure, Digest tokenizer, Runnable release) {
            this.model = model;
            this.structure = structure;
            this.tokenizer = tokenizer;
            this.release = release;
        }

        public BaseModel model() {
            return model;
        }

        /** What the model consists of: seen in its files and said by the registry. */
        public ModelStructure structure() {
            return structure;
        }

        /** Names the tokenizer's file. */
        public Digest tokenizerDigest() {
            return tokenizer;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                release.run();
            }
        }
    }

    /**
     * @param files of the base version; closed by this when they are no longer needed
     * @throws UnusableVersionException if they are no model, or not the one the manifest describes
     */
    public synchronized Lease acquire(VersionCache.Held files) throws IOException {
        Digest digest = files.manifest().digest();
        Digest tokenizer = tokenizer(files);
        Loaded known = loaded.get(digest);
        if (known == null) {
            closeIdle();
            known = load(files);
            loaded.put(digest, known);
        } else {
            files.close();
        }
        Loaded used = known;
        used.users++;
        return new Lease(
                used.model, ModelStructures.of(used.model), tokenizer, () -> release(used));
    }

    /** How often a model was loaded. */
    public synchronized int loads() {
        return loads;
    }

    private synchronized void release(Loaded model) {
        model.users--;
    }

    private void closeIdle() {
        loaded.values()
                .removeIf(model -> {
                    if (model.users == 0) {
                        model.close();
                    }
                    return model.users == 0;
                });
    }

    private Loaded load(VersionCache.Held files) throws IOException {
        VersionManifest manifest = files.manifest();
        try {
            BaseModel model = BaseModel.load(files.files(), precision);
            Loaded loading = new Loaded(model, files);
            check(manifest, loading);
            loads++;
            log.info("base model loaded version={} bytes={}", manifest.ref(), manifest.bytes());
            return loading;
        } catch (ModelRefusedException refused) {
            files.close();
            String reason = String.valueOf(refused.getMessage());
            String place = files.files().toString();
            throw new UnusableVersionException(
                    manifest.ref() + " cannot be loaded: " + reason.replace(place, "its folder"));
        } catch (IOException e) {
            files.close();
            throw e;
        }
    }

    private static void check(VersionManifest manifest, Loaded loading) {
        ModelStructure seen = ModelStructures.of(loading.model);
        if (!seen.equals(manifest.structure())) {
            loading.close();
            throw new UnusableVersionException(
                    manifest.ref()
                            + " is registered with another structure than its files have; register"
                            + " it again with the structure that this software describes");
        }
    }

    private static Digest tokenizer(VersionCache.Held files) {
        VersionManifest manifest = files.manifest();
        if (manifest.file(TOKENIZER).isEmpty()) {
            files.close();
            throw new UnusableVersionException(manifest.ref() + " has no " + TOKENIZER);
        }
        return manifest.file(TOKENIZER).get().digest();
    }

    /** Nothing may use a model any more. */
    @Override
    public synchronized void close() {
        loaded.values().forEach(Loaded::close);
        loaded.clear();
    }
}
