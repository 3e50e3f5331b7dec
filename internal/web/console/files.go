package console

import (
	"net/url"
	"strconv"

	"github.com/astreinte/astreinte/internal/attachment"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
)

// files are those of a ticket.
type files struct {
	W    *lang.Files
	List []fileLine
	Can  bool   // the reader may attach some
	Most string // how many and how large they may be
}

type fileLine struct {
	Name, URL, Size, By string
	Shown, Public       bool
	Remove              string // what removes it; empty: the reader may not
}

func (c *Console) filesOf(who *reader, v *look.Viewer, view *ticket.View) files {
	w := &who.words.Files
	f := files{W: w, Can: c.files && who.may(technician) && view.Ticket.State != ticket.Closed}
	if f.Can {
		f.Most = lang.Fill(w.Most, "files", strconv.Itoa(ticket.MaxAttachments), "size", w.Size(ticket.MaxAttachment), "all", w.Size(ticket.MaxAttachmentsSize))
	}
	if view.Sheet == nil {
		return f
	}
	for i := range view.Sheet.Attachments {
		a := &view.Sheet.Attachments[i]
		line := fileLine{
			Name: a.Name, URL: c.house.Own("/tickets/" + url.PathEscape(view.Ticket.Number) + "/attachments/" + a.ID), Size: w.Size(a.Size),
			By: lang.Fill(w.ByAt, "who", v.Name(a.By), "at", v.At(a.At)), Shown: attachment.Shown(a.Type), Public: a.Public,
		}
		if f.Can && (who.may(desk.Manager) || a.By == who.by.Person) {
			line.Remove = lang.Fill(w.Remove, "name", a.Name)
		}
		f.List = append(f.List, line)
	}
	return f
}
