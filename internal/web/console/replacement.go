package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/web"
)

// replacementLine is a replacement in a list.
type replacementLine struct {
	ID, What, Group, State, By, Note string
	Class                            string // of its state
	Open                             bool   // it holds, or will, or asks somebody
	Asks, CanDrop, Void              bool   // Asks: the reader
}

// inOrder is by the first hour.
func inOrder(list []duty.Replacement) []*duty.Replacement {
	all := make([]*duty.Replacement, len(list))
	for i := range list {
		all[i] = &list[i]
	}
	slices.SortStableFunc(all, func(a, b *duty.Replacement) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Turn, b.Turn)) })
	return all
}

func (r *reader) replacementLine(one *duty.Replacement) replacementLine {
	words := &r.words.Duty.Pages
	line := replacementLine{ID: one.ID, What: r.what(one), Group: one.Group, By: r.called(one.By), Note: one.Note, Void: !one.Stands(r.rules.Directory)}
	line.Open = one.Open(r.now)
	line.State, line.Class = lang.Fill(words.States[string(one.State)], "who", r.called(one.Asks())), string(one.State)
	switch {
	case line.Void && line.Open:
		line.State, line.Class = words.States["void"], "void"
	case one.State == duty.Planned && !line.Open:
		line.State, line.Class = words.Past, "past"
	}
	me := r.by.Person
	line.Asks = line.Open && me != "" && one.Asks() == me && r.may(technician)
	line.CanDrop = line.Open && one.MayDrop(r.by.OnDuty()) && r.may(technician)
	return line
}

// what says who stands in for whom, and when.
func (r *reader) what(one *duty.Replacement) string {
	words := &r.words.Duty.Pages
	pairs := []string{"who", r.called(one.Person), "of", r.called(one.InsteadOf), "hours", r.span(one.From, one.To)}
	switch {
	case one.Kind == duty.Swap:
		return lang.Fill(words.Swap, "who", r.called(one.With), "of", r.called(one.Person), "hours", r.span(one.From, one.To), "theirs", r.span(one.Theirs.From, one.Theirs.To))
	case one.Kind == duty.Besides:
		return lang.Fill(words.As, pairs...)
	case one.InsteadOf == "":
		return lang.Fill(words.CoverAll, pairs...)
	}
	return lang.Fill(words.Cover, pairs...)
}

// doubtLine is something doubtful of a replacement.
type doubtLine struct {
	Text string
	Gap  bool
}

func (r *reader) doubts(d *duty.Doubts) (lines []doubtLine) {
	words := &r.words.Duty.Pages
	for i := range d.Gaps {
		g := &d.Gaps[i]
		lines = append(lines, doubtLine{lang.Fill(words.Gap, "group", g.Group, "hours", r.span(g.From, g.To)), true})
	}
	for i := range d.Rests {
		rest := &d.Rests[i]
		text, due := words.RestDay, duty.RestOfDay
		if rest.Week {
			text, due = words.RestWeek, duty.RestOfWeek
		}
		lines = append(lines, doubtLine{Text: lang.Fill(text, "who", r.called(rest.Person), "hours", r.span(rest.From, rest.To),
			"rest", fmt.Sprintf("%.3g", rest.To.Sub(rest.From).Hours()), "due", fmt.Sprintf("%g", due.Hours()))})
	}
	for i := range d.Twice {
		t := &d.Twice[i]
		lines = append(lines, doubtLine{Text: lang.Fill(words.Twice, "who", r.called(t.Person), "one", t.Groups[0], "other", t.Groups[1], "hours", r.span(t.From, t.To))})
	}
	return lines
}

// seeToReplacement accepts, declines or undoes one.
func (c *Console) seeToReplacement(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if c.shifts == nil {
		return web.Refuse(http.StatusServiceUnavailable, "unavailable", "who is on call cannot be changed while the store is away")
	}
	ctx, cancel := lasting(r.Context())
	defer cancel()
	c.house.Acted(ctx, by)
	id, done := r.PathValue("id"), r.PostFormValue("action")
	var err error
	switch done {
	case "accept", "decline":
		_, err = c.shifts.AnswerReplacement(ctx, id, done == "accept", by.OnDuty())
	case "drop":
		_, err = c.shifts.DropReplacement(ctx, id, by.OnDuty())
	default:
		return web.Refuse(http.StatusBadRequest, "bad_request", "action: accept, decline or drop")
	}
	if done, err = came(done, err); err != nil {
		return err
	}
	query := url.Values{"done": {done}}
	if month := r.PostFormValue("month"); month != "" {
		query.Set("month", month)
	}
	c.lead(w, "/oncall", "/oncall", query)
	return nil
}

// came is how an address says what came of an order.
func came(done string, err error) (string, error) {
	var overlap *duty.OverlapError
	switch {
	case err == nil:
		return done, nil
	case errors.Is(err, duty.ErrOver):
		return "over", nil
	case errors.Is(err, duty.ErrForbidden):
		return "forbidden", nil
	case errors.As(err, &overlap):
		return "overlap", nil
	case errors.Is(err, duty.ErrNotFound):
		return "", web.Refuse(http.StatusNotFound, "not_found", "there is no such replacement")
	}
	return "", fmt.Errorf("console: %w", err)
}

// preview is what a replacement would come to, or why it cannot be.
type preview struct {
	What    string
	Asks    string // whom it is offered to
	Overlap string // what has its place
	Doubts  []doubtLine
	Wrong   string
}

// previewed says what a proposal would do. An error is the store's.
func (c *Console) previewed(ctx context.Context, who *reader, one duty.Replacement) (p preview, err error) {
	words := &who.words.Duty.Pages
	if c.shifts == nil {
		p.Wrong = words.Busy
		return p, nil
	}
	shown, err := c.shifts.PreviewReplacement(ctx, one, who.by.OnDuty())
	if err != nil {
		p.Wrong, err = who.wrong(err)
		return p, err
	}
	p.What, p.Doubts = who.what(&shown.Replacement), who.doubts(&shown.Doubts)
	if asks := shown.Replacement.Asks(); asks != "" {
		p.Asks = lang.Fill(words.Asks, "who", who.called(asks))
	}
	if shown.Overlap != nil {
		p.Overlap = lang.Fill(words.Overlap, "what", who.what(shown.Overlap)+" ("+lang.Fill(words.ByWhom, "who", who.called(shown.Overlap.By))+")")
	}
	return p, nil
}

// wrong says why a proposal cannot be; what is not its fault stays an error.
func (r *reader) wrong(err error) (string, error) {
	words := &r.words.Duty.Pages
	var field *duty.FieldError
	var overlap *duty.OverlapError
	switch {
	case errors.As(err, &field):
		return cmp.Or(words.Wrong[field.Field], words.Wrong["kind"]), nil
	case errors.As(err, &overlap):
		return lang.Fill(words.Overlap, "what", r.what(&overlap.With)), nil
	case errors.Is(err, duty.ErrForbidden):
		return words.Done["forbidden"], nil
	case errors.Is(err, duty.ErrNothing):
		return words.NothingFor, nil
	case errors.Is(err, duty.ErrTooMany):
		return words.TooMany, nil
	}
	return "", fmt.Errorf("console: %w", err)
}
