package dev.espalier.aggregation.session;

import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UploadPlan;
import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Turns what was agreed for a round into rows and back. */
@Component
class SessionJson {

    private final JsonMapper mapper;

    SessionJson(JsonMapper mapper) {
        this.mapper = mapper;
    }

    SessionRow row(RoundTerms terms, Instant openedAt) {
        return new SessionRow(terms, mapper.writeValueAsString(terms), openedAt);
    }

    RoundTerms terms(SessionRow row) {
        return mapper.readValue(row.terms(), RoundTerms.class);
    }

    SeatRow row(RoundTerms terms, RoundSession.Invitation invitation) {
        String scope = mapper.writeValueAsString(invitation.scope());
        HeadAllowance heads = invitation.heads();
        String allowance = heads == null ? null : mapper.writeValueAsString(heads);
        UploadPlan upload = invitation.upload();
        return new SeatRow(
                terms.round(),
                invitation.agent(),
                invitation.tokenHash(),
                scope,
                allowance,
                upload == null ? null : mapper.writeValueAsString(upload));
    }

    RoundSession.Invitation invitation(SeatRow row) {
        Scope scope = mapper.readValue(row.scope(), Scope.class);
        String allowance = row.allowance();
        HeadAllowance heads =
                allowance == null ? null : mapper.readValue(allowance, HeadAllowance.class);
        String plan = row.upload();
        UploadPlan upload = plan == null ? null : mapper.readValue(plan, UploadPlan.class);
        return new RoundSession.Invitation(row.agent(), row.tokenHash(), scope, heads, upload);
    }

    boolean same(SessionRow row, List<SeatRow> seats, RoundSession asked) {
        return terms(row).equals(RoundTerms.of(asked))
                && seats.stream().map(this::invitation).toList().equals(RoundTerms.cohort(asked));
    }
}
