package web

import (
	"net/url"
	"time"

	"github.com/astreinte/astreinte/internal/duty"
)

// previewBody is what a replacement would come to.
type previewBody struct {
	Replacement replacementBody  `json:"replacement"`
	Overlaps    *replacementBody `json:"overlaps,omitempty"`
	Doubts      doubtsBody       `json:"doubts"`
}

// doubtsBody is duty.Doubts as the API tells them.
type doubtsBody struct {
	Gaps  []gapBody   `json:"gaps"`
	Rests []restBody  `json:"rests"`
	Twice []twiceBody `json:"twice"`
}

type gapBody struct {
	Group string    `json:"group"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
}

type restBody struct {
	Person  string    `json:"person"`
	Of      string    `json:"of"`                // day, week
	Due     int       `json:"due"`               // hours
	Minutes int       `json:"minutes,omitempty"` // of a day: the rest that there is
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
}

type twiceBody struct {
	Person string    `json:"person"`
	Groups [2]string `json:"groups"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
}

func doubtsOf(d *duty.Doubts) doubtsBody {
	b := doubtsBody{Gaps: []gapBody{}, Rests: []restBody{}, Twice: []twiceBody{}}
	for i := range d.Gaps {
		g := &d.Gaps[i]
		b.Gaps = append(b.Gaps, gapBody{g.Group, g.From.UTC(), g.To.UTC()})
	}
	for i := range d.Rests {
		r := &d.Rests[i]
		one := restBody{Person: r.Person, Of: "day", Due: int(duty.RestOfDay.Hours()), Minutes: int(r.To.Sub(r.From).Minutes()), From: r.From.UTC(), To: r.To.UTC()}
		if r.Week {
			one.Of, one.Due, one.Minutes = "week", int(duty.RestOfWeek.Hours()), 0
		}
		b.Rests = append(b.Rests, one)
	}
	for i := range d.Twice {
		t := &d.Twice[i]
		b.Twice = append(b.Twice, twiceBody{t.Person, t.Groups, t.From.UTC(), t.To.UTC()})
	}
	return b
}

func (s *Server) previewOf(p *duty.Preview, doubts doubtsBody) previewBody {
	b := previewBody{Replacement: s.replacementOf(&p.Replacement), Doubts: doubts}
	if p.Overlap != nil {
		o := s.replacementOf(p.Overlap)
		b.Overlaps = &o
	}
	return b
}

// wantsPreview reads the one parameter of the route.
func wantsPreview(values url.Values) (bool, error) {
	for name, given := range values {
		if name != "preview" {
			return false, badField(logged(name), "there is no such parameter")
		}
		if len(given) > 1 || (given[0] != "true" && given[0] != "false") {
			return false, badField(name, "true or false is wanted")
		}
	}
	return values.Get("preview") == "true", nil
}
