package board

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"

	"github.com/astreinte/astreinte/internal/attachment"
	"github.com/astreinte/astreinte/internal/disk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// The names of the fields of a form.
const (
	fieldFile   = "file"
	fieldPublic = "public"
)

const (
	// headRoom is how much of a body may be read to find the next part.
	headRoom = 32 << 10
	// valueRoom is how long the value of a field may be that is no file.
	valueRoom = 16
)

// upload reads a form with files, part by part, and has the files in the folder.
type upload struct {
	folder *attachment.Folder
	number string
	count  int   // how many files the ticket has room for
	room   int64 // … and how many bytes
	public bool
	files  []ticket.Attachment
}

// all reads the whole form. If it returns an error, the folder has none of the files.
func (u *upload) all(r *http.Request) (err error) {
	defer func() {
		if err != nil {
			u.drop()
		}
	}()
	gated := &gate{from: r.Body}
	behind := *r
	behind.Body = io.NopCloser(gated)
	form, err := behind.MultipartReader()
	if err != nil {
		return web.Refuse(http.StatusUnsupportedMediaType, "bad_request", "a form with files is wanted: multipart/form-data, each file as \"file\"")
	}
	for {
		gated.shut(headRoom)
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return refused(fmt.Errorf("%w: %w", attachment.ErrBroken, err))
		}
		gated.open()
		if err := u.part(r.Context(), part); err != nil {
			return err
		}
	}
	if len(u.files) == 0 {
		return web.Refuse(http.StatusBadRequest, "bad_request", "file: it is needed")
	}
	for i := range u.files {
		u.files[i].Public = u.public
	}
	return nil
}

// part takes a part of the form.
func (u *upload) part(ctx context.Context, part *multipart.Part) error {
	switch part.FormName() {
	case fieldFile:
		return u.file(ctx, part)
	case fieldPublic:
		value, err := io.ReadAll(io.LimitReader(part, valueRoom+1))
		if err != nil {
			return refused(fmt.Errorf("%w: %w", attachment.ErrBroken, err))
		}
		switch string(value) {
		case "true", "on", "1", "yes":
			u.public = true
		case "", "false", "0", "no":
		default:
			return web.Refuse(http.StatusBadRequest, "bad_request", "public: true or false")
		}
		return nil
	}
	return web.Refuse(http.StatusBadRequest, "bad_request", ticket.Cut(fmt.Sprintf("%q: there is no such field: file, public", part.FormName()), ticket.MaxLogged))
}

// file takes one file. A browser sends a field without a name and without
// content if no file was chosen.
func (u *upload) file(ctx context.Context, part *multipart.Part) error {
	if len(u.files) >= ticket.MaxUploadFiles {
		return web.Refuse(http.StatusBadRequest, "too_many", fmt.Sprintf("a request brings %d files at most", ticket.MaxUploadFiles))
	}
	name := part.FileName()
	if name == "" {
		if n, err := part.Read(make([]byte, 1)); n == 0 && errors.Is(err, io.EOF) {
			return nil
		}
		return web.Refuse(http.StatusBadRequest, "bad_request", "file: its name is needed")
	}
	if len(u.files) >= u.count {
		return errFull()
	}
	taken, err := u.folder.Take(ctx, u.number, part, min(ticket.MaxAttachment, u.room))
	if errors.Is(err, attachment.ErrLarge) && u.room < ticket.MaxAttachment {
		return errFull()
	}
	if err != nil {
		return refused(err)
	}
	u.room -= taken.Size
	u.files = append(u.files, ticket.Attachment{ID: taken.ID, Name: attachment.Name(name), Type: taken.Type, Size: taken.Size, SHA256: taken.SHA256})
	return nil
}

// drop removes what was taken: no ticket will name it.
func (u *upload) drop() {
	for i := range u.files {
		_ = u.folder.Drop(u.number, u.files[i].ID) // Sweep removes what is left
	}
	u.files = nil
}

func errFull() error {
	return web.Refuse(http.StatusConflict, "too_many", fmt.Sprintf("a ticket has %d files and %d MiB of them at most: remove one", ticket.MaxAttachments, ticket.MaxAttachmentsSize>>20))
}

// refused says why an upload was not taken; nil stays nil.
func refused(err error) error {
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return web.Refuse(http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("a request has %d MiB at most", large.Limit>>20))
	case errors.Is(err, attachment.ErrLarge):
		return web.Refuse(http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("a file has %d MiB at most", ticket.MaxAttachment>>20))
	case errors.Is(err, disk.ErrNoRoom):
		return web.Refuse(http.StatusInsufficientStorage, "no_room", "the disk has too little room left for files; everything else goes on")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return web.Refuse(http.StatusRequestTimeout, "timeout", "the upload took too long; try again, or send less at once")
	case errors.Is(err, errHead):
		return web.Refuse(http.StatusBadRequest, "bad_request", "the form has a part whose header is too long")
	case errors.Is(err, attachment.ErrBroken):
		return web.Refuse(http.StatusBadRequest, "bad_request", "the form did not come to its end")
	}
	return err
}

// errHead ends the search for the next part of a form.
var errHead = errors.New("board: nothing but a header")

// gate bounds how much is read of a body while a form looks for its next part:
// the header of a part is in memory, a file is not.
type gate struct {
	from io.Reader
	left int64 // below zero: there is no bound
}

func (g *gate) shut(room int64) { g.left = room }
func (g *gate) open()           { g.left = -1 }

// Read implements io.Reader.
func (g *gate) Read(p []byte) (int, error) {
	if g.left == 0 {
		return 0, errHead
	}
	if g.left > 0 && int64(len(p)) > g.left {
		p = p[:g.left]
	}
	n, err := g.from.Read(p)
	if g.left > 0 {
		g.left -= int64(n)
	}
	return n, err
}
