package dev.espalier.problem;

import dev.espalier.protocol.problem.ProblemType;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;

/** Writes what {@link Refuses} says into the OpenAPI document, one example per problem. */
@AutoConfiguration
@ConditionalOnClass(OpenApiCustomizer.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
class OpenApiAutoConfiguration {

    private static final String PROBLEM_JSON = "application/problem+json";
    private static final String SCHEMA = "Problem";

    @Bean
    OpenApiCustomizer problemSchema() {
        return document -> {
            if (document.getComponents() == null) {
                document.setComponents(new Components());
            }
            document.getComponents().addSchemas(SCHEMA, schema());
        };
    }

    @Bean
    OperationCustomizer refusals() {
        return (operation, method) -> {
            Refuses refuses = method.getMethodAnnotation(Refuses.class);
            if (refuses != null) {
                for (ProblemType type : refuses.value()) {
                    document(operation, type);
                }
            }
            return operation;
        };
    }

    private static void document(Operation operation, ProblemType type) {
        ApiResponse response =
                operation
                        .getResponses()
                        .computeIfAbsent(
                                Integer.toString(type.status()),
                                status ->
                                        new ApiResponse()
                                                .description(type.title())
                                                .content(new Content()));
        if (response.getContent() == null) {
            response.setContent(new Content());
        }
        response.getContent()
                .computeIfAbsent(
                        PROBLEM_JSON,
                        json ->
                                new MediaType()
                                        .schema(
                                                new Schema<>()
                                                        .$ref("#/components/schemas/" + SCHEMA)))
                .addExamples(type.name().toLowerCase(Locale.ROOT).replace('_', '-'), example(type));
    }

    private static Example example(ProblemType type) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", type.uri().toString());
        body.put("title", type.title());
        body.put("status", type.status());
        body.put("detail", "what to do about this very case");
        body.put("worthRetrying", type.worthRetrying());
        return new Example().summary(type.title()).value(body);
    }

    private static Schema<?> schema() {
        return new ObjectSchema()
                .description("A refusal, RFC 9457. Programs branch on type, never on text.")
                .addProperty(
                        "type", new StringSchema().example(ProblemType.NOT_FOUND.uri().toString()))
                .addProperty("title", new StringSchema())
                .addProperty("status", new Schema<Integer>().type("integer"))
                .addProperty(
                        "detail", new StringSchema().description("what to do about this very case"))
                .addProperty("instance", new StringSchema())
                .addProperty(
                        "worthRetrying",
                        new Schema<Boolean>()
                                .type("boolean")
                                .description("whether the same request may succeed later"))
                .addProperty(
                        "fields",
                        new Schema<Object>()
                                .type("array")
                                .description("the fields at fault, each with its reason")
                                .items(
                                        new ObjectSchema()
                                                .addProperty("field", new StringSchema())
                                                .addProperty("reason", new StringSchema())));
    }
}
