package dev.espalier.orchestrator.assignment;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionOperations;

/** Finds or draws the key of the upload tokens. */
@Configuration(proxyBeanMethods = false)
class AssignmentConfiguration {

    private static final int KEY_BYTES = 32;

    @Bean
    UploadTokens uploadTokens(
            WorkProperties properties,
            TokenKeyRepository keys,
            TransactionOperations transactions,
            SecureRandom chance) {
        String configured = properties.tokenKey();
        byte[] secret =
                configured == null
                        ? stored(keys, transactions, chance)
                        : configured.getBytes(StandardCharsets.UTF_8);
        return new UploadTokens(new SecretKeySpec(secret, "HmacSHA256"));
    }

    private static byte[] stored(
            TokenKeyRepository keys, TransactionOperations transactions, SecureRandom chance) {
        byte[] drawn = new byte[KEY_BYTES];
        chance.nextBytes(drawn);
        transactions.executeWithoutResult(status -> keys.keepFirst(drawn));
        return keys.findById(TokenKeyEntity.ONLY)
                .map(kept -> kept.secret)
                .orElseThrow(() -> new IllegalStateException("the token key was not stored"));
    }
}
