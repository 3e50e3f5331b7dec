package board

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/attachment"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// House is what the package needs of web.Server.
type House interface {
	// View reads everything of one ticket; escalation.ErrNotFound if there is none.
	View(ctx context.Context, of ticket.Scope, number string) (ticket.View, error)
	// Desk does what is ordered.
	Desk() *desk.Desk
	// Acted notes that whoever is signed in did something.
	Acted(ctx context.Context, by web.Token)
	// Own is the address of one of our own paths, as people reach it.
	Own(path string) string
	// Link is the whole address of one of our own paths.
	Link(path string) string
}

// Board takes files and hands them out. It is safe for concurrent use.
type Board struct {
	House  House
	Folder *attachment.Folder // nil: none is configured
	Frame  web.Frame          // says on a page what went wrong
	Log    *zap.Logger

	uploads   chan struct{} // holds who sends files
	downloads chan struct{} // holds who reads one
}

// New makes a Board of its parts.
func New(b *Board) *Board {
	b.uploads, b.downloads = make(chan struct{}, ticket.MaxUploads), make(chan struct{}, ticket.MaxDownloads)
	return b
}

// Routes are the whole surface of the package, for web.Server.Mount.
func (b *Board) Routes() []web.Route {
	const ofTicket, one = "/api/v1/tickets/{number}/attachments", "/api/v1/tickets/{number}/attachments/{id}"
	return []web.Route{
		{Method: http.MethodGet, Path: ofTicket, Needs: desk.Reader, Do: b.list},
		{Method: http.MethodPost, Path: ofTicket, Needs: desk.Technician, Do: b.add, Body: ticket.MaxUpload},
		{Method: http.MethodGet, Path: one, Needs: desk.Reader, Do: b.read},
		{Method: http.MethodDelete, Path: one, Needs: desk.Technician, Do: b.remove},
		{Method: http.MethodPost, Path: "/tickets/{number}/attachments", Needs: desk.Technician, Do: b.addForm, Body: ticket.MaxUpload, Fail: b.Frame.Fail},
		{Method: http.MethodGet, Path: "/tickets/{number}/attachments/{id}", Needs: desk.Reader, Do: b.read, Fail: b.Frame.Fail},
		{Method: http.MethodPost, Path: "/tickets/{number}/attachments/{id}", Needs: desk.Technician, Do: b.removeForm, Fail: b.Frame.Fail},
	}
}

// body is what the API tells of files.
type body struct {
	Attachments []file `json:"attachments"`
}

// file is an attachment, and where it is.
type file struct {
	ticket.Attachment
	URL string `json:"url"`
}

func (b *Board) bodyOf(number string, list []ticket.Attachment) body {
	all := body{Attachments: make([]file, len(list))}
	for i := range list {
		all.Attachments[i] = file{list[i], b.House.Link("/api/v1/tickets/" + url.PathEscape(number) + "/attachments/" + list[i].ID)}
	}
	return all
}

func (b *Board) list(w http.ResponseWriter, r *http.Request, by web.Token) error {
	number := r.PathValue("number")
	view, err := b.House.View(r.Context(), by.Scope(), number)
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	var list []ticket.Attachment
	if view.Sheet != nil {
		list = view.Sheet.Attachments
	}
	return web.Answer(w, http.StatusOK, b.bodyOf(number, list))
}

func (b *Board) add(w http.ResponseWriter, r *http.Request, by web.Token) error {
	way, err := web.Via(r)
	if err != nil {
		return err //nolint:wrapcheck // it is the answer
	}
	files, err := b.take(r, by, way)
	if err != nil {
		return err
	}
	return web.Answer(w, http.StatusCreated, b.bodyOf(r.PathValue("number"), files))
}

// busyFor is after how long whoever found too many others there asks again.
const busyFor = 5 * time.Second

// enter waits for nobody: a file that somebody else is slow with keeps no request
// of ours open.
func enter(turn chan struct{}) (leave func(), err error) {
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	default:
		return nil, web.RefuseFor(busyFor, http.StatusServiceUnavailable, "busy", "others send or read files just now; try again in a few seconds")
	}
}

// take has a request's files in the folder and on the ticket.
func (b *Board) take(r *http.Request, by web.Token, way string) ([]ticket.Attachment, error) {
	if r.ContentLength > ticket.MaxUpload {
		return nil, refused(&http.MaxBytesError{Limit: ticket.MaxUpload})
	}
	leave, err := enter(b.uploads)
	if err != nil {
		return nil, err
	}
	defer leave()
	number := r.PathValue("number")
	if b.Folder == nil {
		return nil, errNoFolder()
	}
	view, err := b.House.View(r.Context(), by.Scope(), number)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	if view.Ticket.State == ticket.Closed {
		return nil, &escalation.StateError{Number: number, Action: escalation.ActAttach, State: ticket.Closed, Allowed: escalation.Working()}
	}
	u := &upload{folder: b.Folder, number: number, count: ticket.MaxAttachments, room: ticket.MaxAttachmentsSize - view.Sheet.AttachmentsSize()}
	if view.Sheet != nil {
		u.count -= len(view.Sheet.Attachments)
	}
	if u.count <= 0 || u.room <= 0 {
		return nil, errFull()
	}
	if err := u.all(r); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), actTimeout)
	defer cancel()
	b.House.Acted(ctx, by)
	result := b.House.Desk().Act(ctx, by.Actor(way), desk.Order{Verb: escalation.ActAttach, Sure: true, Work: &ticket.Work{Attach: u.files}}, desk.Target{Number: number})[0]
	if result.Err != nil {
		if result.Outcome != desk.Failed { // then it may have happened: Sweep finds out
			u.drop()
		}
		return nil, answer(result.Err)
	}
	for i := range u.files {
		a := &u.files[i]
		a.By, a.At = by.Actor(way).Actor.Name, result.Ticket.UpdatedAt.UTC()
		if err := b.Folder.Keep(number, a.ID, a.At); err != nil { // it is found where it is
			b.Log.Warn("a file could not be moved to its place; it will be tried again", zap.String("ticket", number), zap.Error(err))
		}
	}
	return u.files, nil
}

func errNoFolder() error {
	return web.Refuse(http.StatusNotImplemented, "no_folder", "no folder of attachments is configured (attachments: dir:…)")
}

// actTimeout bounds what is done once the files are there, whoever is gone meanwhile.
const actTimeout = 30 * time.Second

// answer is what is told of an order that was refused.
func answer(err error) error {
	switch {
	case errors.Is(err, escalation.ErrManyParts):
		return errFull()
	case errors.Is(err, escalation.ErrNoPart):
		return errNone()
	case errors.Is(err, escalation.ErrNotTheirs):
		return web.Refuse(http.StatusForbidden, "forbidden", "somebody else attached it: it needs a manager's role, or theirs")
	}
	return fmt.Errorf("board: %w", err)
}

func errNone() error {
	return web.Refuse(http.StatusNotFound, "not_found", "the ticket has no such file")
}

// noRunning keeps a browser from running or loading anything for a file that it
// shows.
const noRunning = "default-src 'none'; sandbox"

// read hands out a file of a ticket. An ID is looked for among those of the ticket alone.
func (b *Board) read(w http.ResponseWriter, r *http.Request, by web.Token) error {
	leave, err := enter(b.downloads)
	if err != nil {
		return err
	}
	defer leave()
	number := r.PathValue("number")
	view, err := b.House.View(r.Context(), by.Scope(), number)
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	a := view.Sheet.Attachment(r.PathValue("id"))
	switch {
	case a == nil:
		return errNone()
	case b.Folder == nil:
		return errNoFolder()
	}
	from, err := b.Folder.Read(number, a.ID)
	switch {
	case errors.Is(err, attachment.ErrNotFound):
		b.Log.Error("a file of a ticket is not in the folder of attachments", zap.String("ticket", number), zap.String("id", a.ID), zap.String("name", ticket.Logged(a.Name)))
		return web.Refuse(http.StatusGone, "gone", "the ticket names this file, but the folder of attachments does not have it")
	case err != nil:
		return err //nolint:wrapcheck // it names itself
	}
	defer func() { _ = from.Close() }() // it was read
	if err := attachment.Unchanged(from, a.SHA256); errors.Is(err, attachment.ErrChanged) {
		b.Log.Error("a file of a ticket is not the one that was attached; it is not handed out", zap.String("ticket", number), zap.String("id", a.ID), zap.String("name", ticket.Logged(a.Name)))
		return web.Refuse(http.StatusGone, "changed", "the file in the folder of attachments is not the one that was attached: its SHA-256 is another; it is not handed out")
	} else if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", disposition("attachment", a.Name))
	if attachment.Shown(a.Type) {
		h.Set("Content-Type", a.Type)
		h.Set("Content-Disposition", disposition("inline", a.Name))
	}
	h.Set("Content-Security-Policy", noRunning)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("ETag", `"`+a.SHA256+`"`)
	http.ServeContent(w, r, "", time.Time{}, from)
	return nil
}

// disposition says what a browser does with a file, and under which name.
func disposition(what, name string) string {
	return cmp.Or(mime.FormatMediaType(what, map[string]string{"filename": name}), what)
}

func (b *Board) remove(w http.ResponseWriter, r *http.Request, by web.Token) error {
	way, err := web.Via(r)
	if err != nil {
		return err //nolint:wrapcheck // it is the answer
	}
	if err := b.drop(r, by, way); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// drop removes a file from its ticket and from the folder.
func (b *Board) drop(r *http.Request, by web.Token, way string) error {
	number, id := r.PathValue("number"), r.PathValue("id")
	view, err := b.House.View(r.Context(), by.Scope(), number)
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	switch {
	case view.Sheet.Attachment(id) == nil:
		return errNone()
	case b.Folder == nil:
		return errNoFolder()
	}
	if err := b.Folder.Leave(number, id); err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), actTimeout)
	defer cancel()
	b.House.Acted(ctx, by)
	order := desk.Order{Verb: escalation.ActDetach, Sure: true, Work: &ticket.Work{Detach: id, Any: by.Rank() >= desk.Manager}}
	result := b.House.Desk().Act(ctx, by.Actor(way), order, desk.Target{Number: number})[0]
	if result.Err != nil {
		return answer(result.Err) // Sweep takes the mark away, or the file
	}
	if err := b.Folder.Drop(number, id); err != nil {
		b.Log.Warn("a file could not be removed; it will be tried again", zap.String("ticket", number), zap.Error(err))
	}
	return nil
}
