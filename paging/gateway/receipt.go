package gateway

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// news is what a receipt says.
type news struct {
	id, ref string
	state   ticket.PageState // empty: no news
	class   paging.Class
	reason  string
}

var states = []ticket.PageState{ticket.PageSent, ticket.PageDelivered, ticket.PageUndelivered, ticket.PageFailed}

// read evaluates one receipt.
func (p *receiptProgram) read(in input) (news, error) {
	var n news
	state, err := p.state.text(in)
	if err != nil {
		return n, err
	}
	if slices.Contains(states, ticket.PageState(state)) {
		n.state = ticket.PageState(state)
	}
	if n.id, err = p.id.text(in); err != nil {
		return n, err
	}
	if n.ref, err = p.ref.text(in); err != nil {
		return n, err
	}
	if n.state != ticket.PageUndelivered && n.state != ticket.PageFailed {
		return n, nil
	}
	// A reason that is not understood counts as Transient: the phone is not given
	// up for it.
	n.class = paging.Transient
	if name, err := p.class.text(in); err == nil && name != "" {
		n.class, _ = refusalClass(name)
	}
	if n.reason, err = p.err.text(in); err != nil || n.reason == "" {
		n.reason = "no reason given"
	}
	return n, nil
}

// receipts hands each receipt to the listener. If one cannot be taken, the
// others still are: when they come again, they change nothing.
func (h *handler) receipts(w http.ResponseWriter, r *http.Request, items []input) {
	var failed error
	odd := errors.New("a receipt has neither id nor ref")
	for _, in := range items {
		n, err := h.program.receipts.read(in) //nolint:contextcheck // an expression has its own second, however late the call is
		switch {
		case err != nil:
			h.malformed(w, err)
			return
		case n.state == "":
			h.observe(EventIgnored)
			continue
		}
		receipt := h.receipt(in, n)
		if receipt.Source == "" && receipt.ProviderID == "" {
			h.malformed(w, odd)
			return
		}
		switch err := h.listener.Receive(r.Context(), receipt, n.class); {
		case err == nil:
			h.observe(EventReceipt)
		case errors.Is(err, escalation.ErrNotFound):
			h.observe(EventReceiptOrphan)
		default:
			failed = errors.Join(failed, err)
		}
	}
	if failed != nil {
		h.retry(w, "receipt", failed)
		return
	}
	done(w, h.program.spec.Receipts.Answer, h.program.spec.Receipts.Answer.Body)
}

// receipt names the page by the id, and by the value of .Ref or the query of
// .ReceiptURL. An HMAC of the body does not cover the query.
func (h *handler) receipt(in input, n news) paging.Receipt {
	r := paging.Receipt{State: n.state, At: time.Now()}
	if n.reason != "" {
		r.Error = h.secrets.quote(n.reason)
	}
	if n.id != "" {
		r.ProviderID = h.name + "/" + paging.BoundID(n.id)
		known := h.sender.sent.of(r.ProviderID)
		r.Source, r.Key = known.source, known.key
	}
	source, page, _ := strings.Cut(n.ref, "/")
	if n.ref == "" && h.program.spec.Receipts.Auth.HMAC == "" {
		source, _ = in.query["source"].(string)
		page, _ = in.query["page"].(string)
	}
	if key, err := ticket.ParsePageKey(page); err == nil && source != "" && len(source)+len(page) <= ticket.MaxRecordKey {
		r.Source, r.Key = source, key
	}
	return r
}
