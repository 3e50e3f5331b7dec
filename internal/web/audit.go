package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Audit is what the package needs of audit.Log.
type Audit interface {
	// Lines are those that a query asks for, the newest first, and the cursor of the
	// next ones.
	Lines(ctx context.Context, q audit.Query) (list []audit.Line, next string, err error)
}

// auditPage is how many lines an answer has if nothing is said.
const auditPage = 100

// via is how the audit log calls the way by which somebody came.
func (t *Token) via() string {
	if t.Signed {
		return "web"
	}
	return "api"
}

// AuditedFor is a query as somebody may ask it: a manager about duty alone, an admin
// about everything.
func AuditedFor(by *Token, q audit.Query) (audit.Query, error) {
	if by.Rank() >= desk.Admin {
		return q, nil
	}
	if q.About == "" {
		q.About = "duty"
	}
	if q.About != "duty" {
		return q, refusef(http.StatusForbidden, "forbidden", "what is not about duty needs an admin's role")
	}
	return q, nil
}

func (s *Server) listAudit(w http.ResponseWriter, r *http.Request, by Token) error {
	if s.audit == nil {
		return refusef(http.StatusServiceUnavailable, "unavailable", "the audit log is in the store, which is away; try again")
	}
	query := r.URL.Query()
	since, err := parseTime("since", query.Get("since"))
	if err != nil {
		return err
	}
	q := audit.Query{About: query.Get("about"), Of: query.Get("of"), Since: since, After: query.Get("cursor"), Most: auditPage}
	if text := query.Get("limit"); text != "" {
		if q.Most, err = strconv.Atoi(text); err != nil || q.Most < 1 || q.Most > ticket.MaxAuditLines {
			return badField("limit", "from 1 to %d", ticket.MaxAuditLines)
		}
	}
	if len(q.After) > ticket.MaxRecordKey {
		return badField("cursor", "it is none of ours")
	}
	if q, err = AuditedFor(&by, q); err != nil {
		return err
	}
	lines, next, err := s.audit.Lines(r.Context(), q)
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	if lines == nil {
		lines = []audit.Line{}
	}
	return writeJSON(w, http.StatusOK, struct {
		Lines []audit.Line `json:"lines"`
		Next  string       `json:"next,omitempty"`
	}{lines, next})
}
