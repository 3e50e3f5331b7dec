package ready

import (
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/paging"
)

// Night says whether people sleep at t, who are not on call; it ends at 07:00.
func Night(t time.Time, loc *time.Location) (until time.Time, yes bool) { return night(t, loc) }

// LapseNote is the message that nobody accepted an offer: to whose hours it was about, or
// to whoever was asked.
func LapseNote(r *duty.Replacement, theirs bool, d *contacts.Directory, to contacts.Person, language string, loc *time.Location) paging.Note {
	w := &lang.In(language).Lapse
	parties, text, side := r.Parties(), w.Asked, "-asked"
	if theirs {
		text, side = w.Yours, "-yours"
	}
	return paging.Note{
		ID: r.ID + side + "-" + to.Key, Kind: KindLapsed, Title: lang.Fill(w.Title, "group", r.Group),
		Body: lang.Fill(text, "group", r.Group, "from", when(language, r.From, loc), "to", when(language, r.To, loc),
			"who", nameIn(d, parties[0]), "other", nameIn(d, parties[1])),
	}
}
