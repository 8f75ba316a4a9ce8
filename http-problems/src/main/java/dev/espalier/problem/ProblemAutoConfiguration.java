package dev.espalier.problem;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import org.apache.catalina.core.StandardHost;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.http.converter.autoconfigure.ServerHttpMessageConvertersCustomizer;
import org.springframework.boot.jackson.autoconfigure.JsonFactoryBuilderCustomizer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.format.FormatterRegistry;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** Gives a web service its problems, its strict reading of requests, and protocol names in URLs. */
@AutoConfiguration
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
class ProblemAutoConfiguration {

    private static final long LONGEST_MESSAGE = 64L << 20;

    @Bean
    ProblemAdvice problemAdvice() {
        return new ProblemAdvice();
    }

    /**
     * Requests are read strictly; what other services answer is not, so that they can be updated
     * one by one.
     */
    @Bean
    ServerHttpMessageConvertersCustomizer strictRequests(JsonMapper mapper) {
        JsonMapper strict =
                mapper.rebuild()
                        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build();
        return converters ->
                converters.withJsonConverter(new JacksonJsonHttpMessageConverter(strict));
    }

    /** A message is small; a body that never ends must not fill the memory. */
    @Bean
    JsonFactoryBuilderCustomizer boundedMessages() {
        return factory ->
                factory.streamReadConstraints(
                        StreamReadConstraints.builder().maxDocumentLength(LONGEST_MESSAGE).build());
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemsFromTomcatItself() {
        return factory ->
                factory.addContextCustomizers(context -> {
                    if (context.getParent() instanceof StandardHost host) {
                        host.setErrorReportValveClass(ProblemValve.class.getName());
                    }
                });
    }

    @Bean
    WebMvcConfigurer namesInUrls() {
        return new WebMvcConfigurer() {
            @Override
            public void addFormatters(FormatterRegistry registry) {
                registry.addConverter(String.class, AgentName.class, AgentName::new);
                registry.addConverter(String.class, ModelName.class, ModelName::new);
                registry.addConverter(String.class, DataName.class, DataName::new);
                registry.addConverter(String.class, AliasName.class, AliasName::new);
                registry.addConverter(String.class, JobId.class, JobId::parse);
                registry.addConverter(String.class, RoundId.class, RoundId::parse);
                registry.addConverter(String.class, AssignmentId.class, AssignmentId::parse);
                registry.addConverter(String.class, Digest.class, Digest::new);
                registry.addConverter(String.class, VersionRef.class, VersionRef::parse);
            }
        };
    }
}
