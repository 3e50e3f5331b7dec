package gateway

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// read evaluates one text.
func (p *replyProgram) read(in input) (paging.Text, error) {
	var t paging.Text
	for _, f := range []struct {
		from *expr
		to   *string
	}{{p.from, &t.From}, {p.to, &t.To}, {p.text, &t.Body}, {p.id, &t.ProviderID}} {
		var err error
		if *f.to, err = f.from.text(in); err != nil {
			return t, err
		}
	}
	t.Bound()
	t.From, t.To = e164(t.From), e164(t.To)
	return t, nil
}

var (
	separators = strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "")
	longNumber = regexp.MustCompile(`^[1-9][0-9]{7,14}$`)
)

// e164 writes a number as pages have it. Gateways write it with +, with 00 or
// without either. Anything else, a short code or a national number, stays as
// it is.
func e164(number string) string {
	n := separators.Replace(strings.TrimSpace(number))
	rest, _ := strings.CutPrefix(n, "+")
	if rest == n {
		rest, _ = strings.CutPrefix(n, "00")
	}
	if longNumber.MatchString(rest) {
		return "+" + rest
	}
	return n
}

// texts hands each text to the listener, and its reply to the phone.
func (h *handler) texts(w http.ResponseWriter, r *http.Request, items []input) {
	spec := h.program.spec.Replies
	var failed error
	reply := ""
	for _, in := range items {
		t, err := h.program.replies.read(in) //nolint:contextcheck // an expression has its own second, however late the call is
		if err != nil {
			h.malformed(w, err)
			return
		}
		if t.From == "" {
			h.malformed(w, errors.New("a text has no sender"))
			return
		}
		if t.ProviderID != "" {
			t.ProviderID = h.name + "/" + t.ProviderID
		}
		if reply, err = h.answer(r.Context(), t); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	if failed != nil {
		h.retry(w, "text", failed)
		return
	}
	if spec.Reply != ReplyByAnswer {
		done(w, spec.Answer, spec.Answer.Body)
		return
	}
	body, err := render(h.program.replies.answer, map[string]any{"Reply": reply})
	if err != nil { // the text was acted on; the rest is for the log
		h.replyFailed("", h.secrets.quote(err.Error()))
	}
	done(w, spec.Answer, body)
}

// answer acts on a text once, and sends the reply once.
func (h *handler) answer(ctx context.Context, t paging.Text) (string, error) {
	reply, again, err := h.known.once(ctx, sameText(&t), func() (string, error) { return h.listener.Answer(ctx, t) })
	switch {
	case err != nil:
		return "", err
	case again:
		h.observe(EventTextAgain)
		return reply, nil
	}
	h.observe(EventText)
	if paging.OptsOut(t.Body) {
		h.observe(EventOptOut)
	}
	way := h.program.spec.Replies.Reply
	if reply == "" || (way != "" && way != ReplyBySMS) {
		return reply, nil
	}
	// The gateway may hang up while its own API is slow.
	result := h.sender.Send(context.WithoutCancel(ctx), paging.Message{To: t.From, Text: reply})
	if result.Class != paging.Accepted {
		h.replyFailed(t.ProviderID, result.Error())
	}
	return reply, nil
}

func (h *handler) replyFailed(id, why string) {
	h.observe(EventReplyFailed)
	h.log.Warn("gateway: a text was acted on, and its reply was not taken",
		zap.String("gateway", h.name), zap.String("id", ticket.Logged(id)), zap.String("why", ticket.Logged(why)))
}

// rememberedTexts is how many texts a handler remembers.
const rememberedTexts = 1024

// known remembers the answers to the latest texts, and the texts in hand.
type known struct {
	mu   sync.Mutex
	byID map[string]*told
	ring [rememberedTexts]string // ids, the oldest at next
	next int
}

// told is one text. Once done is closed, reply is set, but only if ok is.
type told struct {
	done  chan struct{}
	reply string
	ok    bool
}

// errInHand says that the first of two equal texts was not acted on while the
// second waited for it.
var errInHand = errors.New("the same text is in hand")

// sameText is the name by which a text is known here; empty if its gateway
// gives it no id. Texts of different phones are never the same, whatever their
// ids.
func sameText(t *paging.Text) string {
	if t.ProviderID == "" {
		return ""
	}
	return t.From + " " + t.ProviderID
}

// once acts on a text whose id it does not know. A second text with that id
// waits for the first. A text that failed is forgotten.
func (k *known) once(ctx context.Context, id string, act func() (string, error)) (reply string, again bool, err error) {
	if id == "" {
		reply, err = act()
		return reply, false, err
	}
	mine := &told{done: make(chan struct{})}
	k.mu.Lock()
	if first := k.byID[id]; first != nil {
		k.mu.Unlock()
		select {
		case <-first.done:
		case <-ctx.Done():
			return "", true, context.Cause(ctx)
		}
		if !first.ok {
			return "", true, errInHand
		}
		return first.reply, true, nil
	}
	if k.byID == nil {
		k.byID = map[string]*told{}
	}
	k.byID[id] = mine
	k.mu.Unlock()

	defer k.settle(id, mine)
	mine.reply, err = act()
	mine.ok = err == nil
	return mine.reply, false, err
}

// settle wakes those who wait, and remembers the answer.
func (k *known) settle(id string, t *told) {
	k.mu.Lock()
	defer k.mu.Unlock()
	close(t.done)
	if !t.ok {
		delete(k.byID, id)
		return
	}
	delete(k.byID, k.ring[k.next])
	k.ring[k.next] = id
	k.next = (k.next + 1) % len(k.ring)
}
