package peer

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/matcher/parse"
	"github.com/prometheus/alertmanager/pkg/labels"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/silence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// sees says whether the source's tool may know of a silence.
func (q *question) sees(s *silence.Silence) bool {
	return s.Source == q.source || s.Source == "" && s.Customer != "" && s.Customer == q.customer
}

// get is the silence that the path names. The source's tool may only end its own.
func (q *question) get(id string, its bool) (silence.Silence, error) {
	s, err := q.desk.Book.Get(q.Context(), id)
	switch {
	case err != nil:
		return s, err //nolint:wrapcheck // it names itself
	case !q.sees(&s):
		return s, silence.ErrNotFound
	case its && s.Source != q.source:
		return s, &wrong{http.StatusForbidden, "the silence is not the source's: it is ended where it was made"}
	}
	return s, nil
}

// shown is a silence as an Alertmanager tells it. One that comes again shows when it
// holds, or will next.
func (q *question) shown(s *silence.Silence) silenceShape {
	out := silenceShape{UpdatedAt: s.At.UTC()}
	out.ID, out.Comment, out.CreatedBy = s.ID, s.Why, cmp.Or(s.Author, s.By)
	out.StartsAt, out.EndsAt, out.Matchers = s.From.UTC(), s.Until.UTC(), []matcherShape{}
	state, span := s.StateAt(q.now)
	if out.Status.State = string(state); state != silence.Expired {
		out.StartsAt, out.EndsAt = span.From.UTC(), span.Until.UTC()
	}
	if !s.Ended.IsZero() {
		out.UpdatedAt, out.EndsAt = s.Ended.UTC(), s.Ended.UTC()
		if out.StartsAt.After(out.EndsAt) {
			out.StartsAt = out.EndsAt
		}
	}
	for _, text := range s.Matchers {
		if m, err := parse.Matcher(text); err == nil {
			out.Matchers = append(out.Matchers, shapeOf(m))
		}
	}
	if s.Customer != "" {
		equal := true
		out.Matchers = append(out.Matchers, matcherShape{Name: escalation.LabelCustomer, Value: s.Customer, IsEqual: &equal})
	}
	return out
}

// rank puts what holds now before what will, and what is over last.
func rank(state string) int {
	return slices.Index([]string{string(silence.Active), string(silence.Pending), string(silence.Expired)}, state)
}

func (q *question) silences() (any, error) {
	query := q.URL.Query()
	matchers, err := matchersOf(query["filter"])
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, state := range []silence.State{silence.Active, silence.Pending, silence.Expired} {
		if wanted[string(state)], err = flag(query.Get(string(state))); err != nil {
			return nil, badly(string(state) + ": true or false")
		}
	}
	list, err := q.desk.Book.All(q.Context())
	if err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	all := []silenceShape{}
	for i := range list {
		if !q.sees(&list[i]) {
			continue
		}
		if s := q.shown(&list[i]); wanted[s.Status.State] && s.has(matchers) {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b silenceShape) int {
		if by := cmp.Compare(rank(a.Status.State), rank(b.Status.State)); by != 0 {
			return by
		}
		switch silence.State(a.Status.State) {
		case silence.Active:
			return a.EndsAt.Compare(b.EndsAt)
		case silence.Pending:
			return a.StartsAt.Compare(b.StartsAt)
		case silence.Expired:
		}
		return b.EndsAt.Compare(a.EndsAt)
	})
	return all, nil
}

// has says whether each of the matchers is one of the silence's.
func (s *silenceShape) has(matchers labels.Matchers) bool {
	for _, m := range matchers {
		want := shapeOf(m)
		if !slices.ContainsFunc(s.Matchers, func(x matcherShape) bool {
			return x.Name == want.Name && x.Value == want.Value && x.IsRegex == want.IsRegex && *x.IsEqual == *want.IsEqual
		}) {
			return false
		}
	}
	return true
}

func (q *question) one() (any, error) {
	s, err := q.get(q.PathValue("id"), false)
	if err != nil {
		return nil, err
	}
	return q.shown(&s), nil
}

// expire ends a silence. One that is over stays so.
func (q *question) expire() (any, error) {
	s, err := q.get(q.PathValue("id"), true)
	if err != nil {
		return nil, err
	}
	return struct{}{}, q.end(s.ID)
}

func (q *question) end(id string) error {
	_, err := q.desk.Book.End(q.Context(), id, q.source, q.now)
	if errors.Is(err, silence.ErrOver) {
		return nil
	}
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	q.desk.Log.Info("a silence was ended", zap.String("silence", id), zap.String("by", q.source))
	q.desk.Changed()
	return nil
}

// silence makes a silence, or changes the one that is named. Another end and other words
// leave it the one that it is. Other labels, or another beginning, make another one, which
// is in force before the first one ends.
func (q *question) silence() (any, error) {
	var asked silenceAsked
	if err := json.NewDecoder(q.Body).Decode(&asked); err != nil {
		return nil, badly("the body is no silence: " + ticket.Logged(err.Error()))
	}
	s := silence.Silence{
		Source: q.source, From: asked.StartsAt, Until: asked.EndsAt, Why: asked.Comment, By: q.source, Tool: true,
		Author: ticket.Cut(asked.CreatedBy, ticket.MaxRemarkName),
	}
	for i := range asked.Matchers {
		m, err := asked.Matchers[i].matcher()
		if err != nil {
			return nil, badly("failed to convert API silence to internal silence: " + ticket.Logged(err.Error()))
		}
		s.Matchers = append(s.Matchers, m.String())
	}
	was := silence.Silence{}
	if asked.ID != "" {
		var err error
		if was, err = q.get(asked.ID, true); err != nil {
			return nil, err
		}
		if was.Every != "" {
			return nil, badly("it comes again and again: it is changed where it was made")
		}
		if q.same(&was, &s) {
			return q.change(asked.ID, &s)
		}
	}
	made, err := q.desk.Book.Make(q.Context(), s, q.rules, q.now)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	q.desk.Log.Info("a silence was made", zap.String("silence", made.ID), zap.String("matchers", ticket.Logged(strings.Join(made.Matchers, ", "))),
		zap.Time("from", made.From), zap.Time("until", made.Until), zap.String("by", q.source), zap.String("why", ticket.Logged(made.Why)))
	q.desk.Changed()
	if state, _ := was.StateAt(q.now); asked.ID != "" && state != silence.Expired {
		if err := q.end(asked.ID); err != nil {
			return nil, err
		}
	}
	return map[string]string{"silenceID": made.ID}, nil
}

// same says whether a silence that is not over may become the other one.
func (q *question) same(was, s *silence.Silence) bool {
	state, _ := was.StateAt(q.now)
	begins := was.From.Equal(s.From.Truncate(time.Second)) || state == silence.Active && !s.From.After(q.now)
	mine, theirs := slices.Clone(was.Matchers), slices.Clone(s.Matchers)
	slices.Sort(mine)
	slices.Sort(theirs)
	return state != silence.Expired && begins && was.Customer == s.Customer && slices.Equal(mine, theirs)
}

func (q *question) change(id string, to *silence.Silence) (any, error) {
	s, err := q.desk.Book.Change(q.Context(), id, func(s *silence.Silence) {
		s.Until, s.Why, s.Author = to.Until, to.Why, to.Author
	}, q.rules, q.now)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	q.desk.Log.Info("a silence was changed", zap.String("silence", id), zap.Time("until", s.Until), zap.String("by", q.source))
	q.desk.Changed()
	return map[string]string{"silenceID": id}, nil
}
