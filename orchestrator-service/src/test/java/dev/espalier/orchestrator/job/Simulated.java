package dev.espalier.orchestrator.job;

import dev.espalier.postgres.testing.RealPostgres;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Import;

/** A test of the whole service in one thread. All of them share one Spring context. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(
        properties = {"spring.config.name=orchestrator-service", "db-scheduler.enabled=false"})
@AutoConfigureMockMvc
@RealPostgres
@Import({TestWorld.class, VirtualWorld.class, Federation.class})
@interface Simulated {}
