package dev.espalier.local;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.work.Cost;
import dev.espalier.protocol.work.Progress;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which doors there are in the house, and which there must not be (design: modules and rooms). */
class FloorPlanTest {

    private static final JavaClasses HOUSE =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.espalier");

    private static final String TENSORS = "dev.espalier.tensors..";
    private static final String PROTOCOL = "dev.espalier.protocol..";
    private static final String MODEL = "dev.espalier.lm..";
    private static final String ORCHESTRATOR = "dev.espalier.orchestrator..";
    private static final String AGGREGATION = "dev.espalier.aggregation..";
    private static final String REGISTRY = "dev.espalier.registry..";
    private static final String AGENT = "dev.espalier.agent..";
    private static final String LOCAL = "dev.espalier.local..";
    private static final String SPRING = "org.springframework..";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tensors",
                "protocol",
                "transfer",
                "problem",
                "postgres",
                "lm",
                "registry",
                "aggregation",
                "orchestrator",
                "agent",
                "local"
            })
    void theWholeHouseIsLookedAt(String module) {
        assertThat(HOUSE.containPackage("dev.espalier." + module)).isTrue();
    }

    @Test
    void roomsHaveNoCircularDoors() {
        slices().matching("dev.espalier.(*).(*)..")
                .should()
                .beFreeOfCycles()
                // a round shows the last word of each of its agents, as the agent said it
                .ignoreDependency(RoundView.Client.class, Progress.class)
                // and adds up what they say it cost them
                .ignoreDependency(resideInAPackage("dev.espalier.protocol.job"), type(Cost.class))
                .because("a room that needs the room that needs it is one room")
                .check(HOUSE);
    }

    @Test
    void modulesHaveNoCircularDoors() {
        slices().matching("dev.espalier.(*)..").should().beFreeOfCycles().check(HOUSE);
    }

    @ParameterizedTest
    @ValueSource(strings = {ORCHESTRATOR, AGGREGATION, REGISTRY, AGENT})
    void processesMeetInTheProtocolAndOnTheNetworkOnly(String process) {
        String[] others =
                List.of(ORCHESTRATOR, AGGREGATION, REGISTRY, AGENT).stream()
                        .filter(other -> !other.equals(process))
                        .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(process)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .because("each is deployed, upgraded and killed alone")
                .check(HOUSE);
    }

    @Test
    void nobodyDependsOnTheLauncher() {
        noClasses()
                .that()
                .resideOutsideOfPackage(LOCAL)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(LOCAL)
                .check(HOUSE);
    }

    @Test
    void tensorsNeedTheJdkAlone() {
        classes()
                .that()
                .resideInAPackage(TENSORS)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", TENSORS)
                .because("the arithmetic must be readable, testable and usable without a framework")
                .check(HOUSE);
    }

    @Test
    void messagesNeedTheJdkAndAnnotationsAlone() {
        classes()
                .that()
                .resideInAPackage(PROTOCOL)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "com.fasterxml.jackson.annotation..",
                        "jakarta.validation..",
                        "io.swagger.v3.oas.annotations..",
                        PROTOCOL)
                .because("other programs in other languages speak the same messages")
                .check(HOUSE);
    }

    @Test
    void transfersKnowNoFramework() {
        classes()
                .that()
                .resideInAPackage("dev.espalier.transfer..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", PROTOCOL, "dev.espalier.transfer..")
                .check(HOUSE);
    }

    @Test
    void theModelKnowsNothingOfTheServer() {
        noClasses()
                .that()
                .resideInAPackage(MODEL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SPRING, PROTOCOL)
                .because("the language model must run, and be tested, without Spring or a server")
                .check(HOUSE);
    }

    @Test
    void whoPlansAndWhoStoresTouchesNoTensor() {
        noClasses()
                .that()
                .resideInAnyPackage(ORCHESTRATOR, REGISTRY)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(TENSORS, MODEL, "ai.djl..")
                .because("they plan with structures and store bytes")
                .check(HOUSE);
    }

    @Test
    void whoCombinesDoesNotKnowWhatATransformerIs() {
        noClasses()
                .that()
                .resideInAPackage(AGGREGATION)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(MODEL, "ai.djl..")
                .check(HOUSE);
    }

    @Test
    void onlyTheModelTalksToTheEngine() {
        noClasses()
                .that()
                .resideOutsideOfPackage(MODEL)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl..")
                .because("leaks of native memory are prevented in one place")
                .check(HOUSE);
    }

    @Test
    void onlyTheAgentTranslatesBetweenModelAndProtocol() {
        Set<String> translators =
                HOUSE.stream()
                        .filter(type -> dependsOn(type, MODEL) && dependsOn(type, PROTOCOL))
                        .map(type -> type.getPackageName().split("\\.")[2])
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(translators).isSubsetOf("agent", "local", "benchmarks");
    }

    @Test
    void ownersTextHasNoWayOut() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.espalier.agent.upload..", "dev.espalier.agent.poll..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("dev.espalier.agent.data.PrivateText")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("dev.espalier.agent.data.Row")
                .because("what talks to servers must have no way to hold the owner's text")
                .check(HOUSE);
    }

    @Test
    void nothingIsNamedImpl() {
        classes().should().haveSimpleNameNotEndingWith("Impl").check(HOUSE);
    }

    @Test
    void noRoomIsADumpingGround() {
        noClasses()
                .should()
                .resideInAnyPackage("..util..", "..common..", "..core..", "..dto..", "..impl..")
                .because("a room is named by what it knows")
                .check(HOUSE);
    }

    @Test
    void everyRoomHasASignOnTheDoor() {
        Set<String> unsigned =
                HOUSE.stream()
                        .map(JavaClass::getPackage)
                        .distinct()
                        .filter(room -> !isSigned(room))
                        .map(JavaPackage::getName)
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(unsigned).isEmpty();
    }

    @Test
    void rowsOfTheDatabaseStayInTheRoomThatOwnsThem() {
        classes()
                .that()
                .areAnnotatedWith("jakarta.persistence.Entity")
                .should()
                .bePackagePrivate()
                .because("others ask the room, not its table")
                .check(HOUSE);
    }

    @Test
    void beansGetWhatTheyNeedThroughTheConstructor() {
        noFields()
                .should()
                .beAnnotatedWith("org.springframework.beans.factory.annotation.Autowired")
                .orShould()
                .beAnnotatedWith("org.springframework.beans.factory.annotation.Value")
                .check(HOUSE);
    }

    @Test
    void onlyTheTerminalIsPrintedTo() {
        noClasses()
                .that()
                .resideOutsideOfPackage(LOCAL)
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(HOUSE);
    }

    private static boolean dependsOn(JavaClass type, String packages) {
        return type.getDirectDependenciesFromSelf().stream()
                .anyMatch(door -> resideInAPackage(packages).test(door.getTargetClass()));
    }

    private static boolean isSigned(JavaPackage room) {
        return room.tryGetPackageInfo()
                .map(sign -> sign.isAnnotatedWith(NullMarked.class))
                .orElse(false);
    }
}
