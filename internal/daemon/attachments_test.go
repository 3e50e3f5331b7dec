package daemon

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	png  = "\x89PNG\r\n\x1a\n of a rack"
	wild = "PK\x03\x04 a zip"
)

// ands is a file of what would be too many fields in a form without files.
var ands = strings.Repeat("&", 5000)

// attic is a castle with a folder of attachments.
type attic struct {
	*castle
	dir string
}

func newAttic(t *testing.T, change ...func(*config.Config)) *attic {
	t.Helper()
	a := &attic{dir: filepath.Join(t.TempDir(), "attachments")}
	a.castle = newCastleOf(t, append([]func(*config.Config){func(c *config.Config) { c.Attachments, c.Server.MinFree = a.dir, 1 }}, change...))
	return a
}

func (a *attic) path() string { return "/api/v1/tickets/" + a.number + "/attachments" }

// form is a form of pairs: the name of a file and what is in it; "public" is a field.
func form(t testing.TB, pairs ...string) (body io.Reader, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		var err error
		if pairs[i] == "public" {
			err = w.WriteField("public", pairs[i+1])
		} else {
			var part io.Writer
			if part, err = w.CreateFormFile("file", pairs[i]); err == nil {
				_, err = io.WriteString(part, pairs[i+1])
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b, w.FormDataContentType()
}

func (a *attic) attach(person string, pairs ...string) *httptest.ResponseRecorder {
	a.t.Helper()
	body, kind := form(a.t, pairs...)
	return a.call(person, http.MethodPost, a.path(), body, "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
}

// has reads the files that an answer names.
func (a *attic) has(w *httptest.ResponseRecorder, status int) []ticket.Attachment {
	a.t.Helper()
	var body struct {
		Attachments []ticket.Attachment `json:"attachments"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); w.Code != status || err != nil {
		a.t.Fatalf("%d %s, want %d", w.Code, w.Body, status)
	}
	return body.Attachments
}

// left lists the files in the folder.
func (a *attic) left() (list []string) {
	a.t.Helper()
	err := filepath.WalkDir(a.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && e.Name() != ".clock" {
			list = append(list, path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.t.Fatal(err)
	}
	return list
}

func (a *attic) code(w *httptest.ResponseRecorder, status int, code string) {
	a.t.Helper()
	var body struct{ Error struct{ Code string } }
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != status || body.Error.Code != code {
		a.t.Errorf("%d %s, want %d %s", w.Code, w.Body, status, code)
	}
}

// TestFilesOfATicket: they come, are listed, shown or downloaded by what is in them, told
// by the timeline, and go.
func TestFilesOfATicket(t *testing.T) {
	a := newAttic(t)
	came := a.has(a.attach("alice", "public", "true", "rack.png", png, "photo.png", wild), http.StatusCreated)
	if len(came) != 2 || came[0].Type != "image/png" || came[1].Type != "application/zip" || came[0].By != "alice" || !came[0].Public || came[0].At.IsZero() {
		t.Fatalf("%+v", came)
	}
	listed := a.has(a.call("carla", http.MethodGet, a.path(), nil), http.StatusOK)
	if fmt.Sprint(listed) != fmt.Sprint(came) {
		t.Errorf("%+v,\nwant %+v", listed, came)
	}
	for i, want := range []struct{ text, kind, disposition string }{
		{png, "image/png", `inline; filename=rack.png`}, {wild, "application/octet-stream", `attachment; filename=photo.png`},
	} {
		for _, path := range []string{a.path(), "/tickets/" + a.number + "/attachments"} {
			w := a.call("carla", http.MethodGet, path+"/"+came[i].ID, nil)
			h := w.Header()
			if w.Code != http.StatusOK || w.Body.String() != want.text || h.Get("Content-Type") != want.kind || h.Get("Content-Disposition") != want.disposition ||
				h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") != "default-src 'none'; sandbox" {
				t.Errorf("%s: %d %q %v", path, w.Code, w.Body, h)
			}
		}
	}
	page := a.call("alice", http.MethodGet, "/tickets/"+a.number, nil).Body.String()
	for _, want := range []string{`<img src="/tickets/` + a.number + `/attachments/` + came[0].ID + `" alt="" loading="lazy"`, "rack.png", `enctype="multipart/form-data"`, "Fichier joint par vous"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, `<img src="/tickets/`+a.number+`/attachments/`+came[1].ID) {
		t.Error("a zip is shown")
	}
	a.code(a.call("carla", http.MethodDelete, a.path()+"/"+came[0].ID, nil, "Sec-Fetch-Site", "same-origin"), http.StatusForbidden, "forbidden")
	a.code(a.call("bruno", http.MethodDelete, a.path()+"/"+came[0].ID, nil, "Sec-Fetch-Site", "same-origin"), http.StatusForbidden, "forbidden")
	for i, person := range []string{"alice", "dominique"} {
		if w := a.call(person, http.MethodDelete, a.path()+"/"+came[i].ID, nil, "Sec-Fetch-Site", "same-origin"); w.Code != http.StatusNoContent {
			t.Errorf("%s: %d %s", person, w.Code, w.Body)
		}
		a.code(a.call("alice", http.MethodGet, a.path()+"/"+came[i].ID, nil), http.StatusNotFound, "not_found")
	}
	if left := a.left(); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
	view, err := a.d.store.View(t.Context(), a.number)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range view.Timeline {
		if e.Args.File != nil {
			told = append(told, string(e.Kind)+" "+e.Args.File.Name+" "+e.Actor.Name+" "+e.Args.File.SHA256[:4])
		}
	}
	if want := fmt.Sprintf("[attached rack.png alice %s attached photo.png alice %s detached rack.png alice %s detached photo.png dominique %s]",
		came[0].SHA256[:4], came[1].SHA256[:4], came[0].SHA256[:4], came[1].SHA256[:4]); fmt.Sprint(told) != want {
		t.Errorf("%v", told)
	}
}

// TestFilesOfStrangers: names that are paths, turn around or are HTML are shown as they
// are meant to be read, and nothing leaves the folder.
func TestFilesOfStrangers(t *testing.T) {
	a := newAttic(t)
	a.has(a.attach("alice", "ands", ands), http.StatusCreated)
	for given, want := range map[string]string{
		"../../etc/passwd": "passwd", `..\..\x.png`: "x.png", "<img src=x onerror=alert(1)>.png": "img src=x onerror=alert(1).png", "ann\u202egpj.exe": "anngpj.exe", "Été.png": "Été.png",
	} {
		came := a.has(a.attach("alice", given, png), http.StatusCreated)
		if came[0].Name != want {
			t.Errorf("%q: %q", given, came[0].Name)
		}
		w := a.call("alice", http.MethodGet, a.path()+"/"+came[0].ID, nil)
		if d := w.Header().Get("Content-Disposition"); strings.ContainsAny(d, "\r\n") || !strings.HasPrefix(d, "inline; filename") {
			t.Errorf("%q: %q", given, d)
		}
	}
	if page := a.call("alice", http.MethodGet, "/tickets/"+a.number, nil).Body.String(); strings.Contains(page, "<img src=x") {
		t.Error("a name is HTML")
	}
	for _, path := range a.left() {
		if !strings.HasPrefix(path, filepath.Join(a.dir, "kept")) {
			t.Errorf("%s is there", path)
		}
	}
	other, err := a.d.pager.Engine().OpenByHand(t.Context(), escalation.Draft{Kind: ticket.Request, Title: "another", Customer: "bellac", Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}, Via: "api"})
	if err != nil {
		t.Fatal(err)
	}
	mine := a.has(a.call("alice", http.MethodGet, a.path(), nil), http.StatusOK)
	for _, id := range []string{mine[0].ID, "nothing", "..", "%2e%2e%2f" + mine[0].ID, mine[0].ID + "%00"} {
		if w := a.call("alice", http.MethodGet, "/api/v1/tickets/"+other.Number+"/attachments/"+id, nil); w.Code == http.StatusOK {
			t.Errorf("%s of another ticket: %s", id, w.Body)
		}
	}
}

// ragged is what a sender says before it is gone.
func ragged(text string) io.Reader { return io.MultiReader(strings.NewReader(text), brokenOff{}) }

type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestUploadsThatAreRefused leave nothing, on the disk or on the ticket.
func TestUploadsThatAreRefused(t *testing.T) {
	a := newAttic(t)
	const head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"
	post := func(body io.Reader, kind string) *httptest.ResponseRecorder {
		return a.call("alice", http.MethodPost, a.path(), body, "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
	}
	const of = "multipart/form-data; boundary=x"
	many := make([]string, 0, 2*ticket.MaxUploadFiles+2)
	for range ticket.MaxUploadFiles + 1 {
		many = append(many, "a.png", png)
	}
	for _, c := range []struct {
		name   string
		got    *httptest.ResponseRecorder
		status int
		code   string
	}{
		{"no form", post(strings.NewReader("{}"), "application/json"), http.StatusUnsupportedMediaType, "bad_request"},
		{"no file", a.attach("alice", "public", "true"), http.StatusBadRequest, "bad_request"},
		{"a file without a name", post(strings.NewReader(strings.Replace(head, `; filename="a.png"`, "", 1)+"x\r\n--x--\r\n"), of), http.StatusBadRequest, "bad_request"},
		{"half a file", post(ragged(head+"half"), of), http.StatusBadRequest, "bad_request"},
		{"half a form", post(strings.NewReader(head+"half"), of), http.StatusBadRequest, "bad_request"},
		{"a header without end", post(io.MultiReader(strings.NewReader("--x\r\nX-Y: "), &endless{}), of), http.StatusBadRequest, "bad_request"},
		{"headers without end", post(io.MultiReader(strings.NewReader("--x\r\n"), strings.NewReader(strings.Repeat("X-Y: z\r\n", 100000))), of), http.StatusBadRequest, "bad_request"},
		{"a file without end", post(io.MultiReader(strings.NewReader(head), &endless{}), of), http.StatusRequestEntityTooLarge, "too_large"},
		{"a byte too much", a.attach("alice", "ok.png", png, "big", strings.Repeat("x", ticket.MaxAttachment+1)), http.StatusRequestEntityTooLarge, "too_large"},
		{"too many", a.attach("alice", many...), http.StatusBadRequest, "too_many"},
		{"no such field", post(strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nx\r\n--x--\r\n"), of), http.StatusBadRequest, "bad_request"},
		{"neither true nor false", a.attach("alice", "public", "perhaps", "a.png", png), http.StatusBadRequest, "bad_request"},
		{"a reader", a.attach("carla", "a.png", png), http.StatusForbidden, "forbidden"},
	} {
		t.Log(c.name)
		a.code(c.got, c.status, c.code)
	}
	r := httptest.NewRequest(http.MethodPost, a.path(), &endless{})
	r.ContentLength = 2 << 30
	body := &endless{}
	r.Body = io.NopCloser(body)
	r.Header.Set("Content-Type", of)
	r.Header.Set("Authorization", "Bearer "+apiToken)
	w := httptest.NewRecorder()
	a.d.Handler().ServeHTTP(w, r)
	a.code(w, http.StatusRequestEntityTooLarge, "too_large")
	if body.read > 0 {
		t.Errorf("%d bytes of 2 GiB were read", body.read)
	}
	if list := a.has(a.call("alice", http.MethodGet, a.path(), nil), http.StatusOK); len(list) != 0 || len(a.left()) != 0 {
		t.Errorf("%+v, %q", list, a.left())
	}
}

// TestATicketHasRoomForSoManyFiles: the ticket that has them says so, before anything is
// read of another.
func TestATicketHasRoomForSoManyFiles(t *testing.T) {
	a := newAttic(t)
	for range ticket.MaxAttachments / ticket.MaxUploadFiles {
		var pairs []string
		for range ticket.MaxUploadFiles {
			pairs = append(pairs, "a.png", png)
		}
		a.has(a.attach("alice", pairs...), http.StatusCreated)
	}
	a.code(a.attach("alice", "a.png", png), http.StatusConflict, "too_many")
	if n := len(a.left()); n != ticket.MaxAttachments {
		t.Errorf("%d files", n)
	}
}

// TestADiskThatIsNearlyFull takes no file, and says so; notes go on.
func TestADiskThatIsNearlyFull(t *testing.T) {
	a := newAttic(t, func(c *config.Config) { c.Server.MinFree = math.MaxInt64 })
	a.code(a.attach("alice", "a.png", png), http.StatusInsufficientStorage, "no_room")
	w := a.call("alice", http.MethodPost, "/api/v1/tickets/"+a.number+"/note", strings.NewReader(`{"text":"goes on"}`), "Content-Type", "application/json", "Sec-Fetch-Site", "same-origin")
	if w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	a.d.lookForRoom()
	if got := strings.Join(a.d.warnings(), "\n"); !strings.Contains(got, "server.min_free") {
		t.Errorf("readyz says %q", got)
	}
	body, kind := form(t, "a.png", png)
	sent := a.call("alice", http.MethodPost, "/tickets/"+a.number+"/attachments", body, "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
	page := a.call("alice", http.MethodGet, sent.Header().Get("Location"), nil).Body.String()
	if sent.Code != http.StatusSeeOther || !strings.Contains(page, "Le disque n&#39;a plus de place") {
		t.Errorf("%d %s", sent.Code, sent.Header())
	}
}

// TestFilesByTheForm: without a script.
func TestFilesByTheForm(t *testing.T) {
	a := newAttic(t)
	body, kind := form(t, "public", "true", "rack.png", png)
	sent := a.call("alice", http.MethodPost, "/tickets/"+a.number+"/attachments", body, "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
	page := a.call("alice", http.MethodGet, sent.Header().Get("Location"), nil).Body.String()
	if sent.Code != http.StatusSeeOther || !strings.Contains(page, `<p>Joint.</p>`) || !strings.Contains(page, "pour le client") {
		t.Errorf("%d %s", sent.Code, sent.Header())
	}
	list := a.has(a.call("alice", http.MethodGet, a.path(), nil), http.StatusOK)
	for person, want := range map[string]string{"bruno": "done=forbidden", "alice": "done=detach"} {
		if person == "alice" {
			continue
		}
		sent = a.call(person, http.MethodPost, "/tickets/"+a.number+"/attachments/"+list[0].ID, strings.NewReader(""), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
		if to := sent.Header().Get("Location"); !strings.HasSuffix(to, want) {
			t.Errorf("%s: %d %s", person, sent.Code, to)
		}
	}
	sent = a.call("alice", http.MethodPost, "/tickets/"+a.number+"/attachments/"+list[0].ID, strings.NewReader(""), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
	if to := sent.Header().Get("Location"); !strings.HasSuffix(to, "done=detach") || len(a.left()) != 0 {
		t.Errorf("%d %s", sent.Code, to)
	}
	body, kind = form(t)
	sent = a.call("alice", http.MethodPost, "/tickets/"+a.number+"/attachments", body, "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
	if to := sent.Header().Get("Location"); !strings.HasSuffix(to, "done=file_broken") {
		t.Errorf("nothing chosen: %d %s", sent.Code, to)
	}
}

// TestWithoutAFolder: who has not configured one is told.
func TestWithoutAFolder(t *testing.T) {
	a := newAttic(t, func(c *config.Config) { c.Attachments = "" })
	a.code(a.attach("alice", "a.png", png), http.StatusNotImplemented, "no_folder")
	if page := a.call("alice", http.MethodGet, "/tickets/"+a.number, nil).Body.String(); strings.Contains(page, `id="files"`) {
		t.Error("the page asks for files")
	}
}

// TestAFileThatIsGone is said, and a file that was left half done is swept as its ticket
// says.
func TestAFileThatIsGone(t *testing.T) {
	a := newAttic(t)
	came := a.has(a.attach("alice", "a.png", png), http.StatusCreated)
	ids, known, err := attachedTo{a.d}.Attached(t.Context(), a.number)
	if err != nil || !known || len(ids) != 1 || ids[0] != came[0].ID {
		t.Errorf("%q, %t, %v", ids, known, err)
	}
	if _, known, err := (attachedTo{a.d}).Attached(t.Context(), "I990101_0001"); known || err != nil {
		t.Errorf("a ticket that is none: %t, %v", known, err)
	}
	for _, path := range a.left() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	a.code(a.call("alice", http.MethodGet, a.path()+"/"+came[0].ID, nil), http.StatusGone, "gone")
}

// TestAFileThatIsAnother than was attached is not handed out, not even a part of it.
func TestAFileThatIsAnother(t *testing.T) {
	a := newAttic(t)
	came := a.has(a.attach("alice", "a.png", png), http.StatusCreated)
	for _, path := range a.left() {
		if err := os.WriteFile(path, []byte(png+"!"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{a.path(), "/tickets/" + a.number + "/attachments"} {
		for _, more := range [][]string{nil, {"Range", "bytes=0-3"}} {
			w := a.call("alice", http.MethodGet, path+"/"+came[0].ID, nil, more...)
			if w.Code != http.StatusGone || strings.Contains(w.Body.String(), "PNG") {
				t.Errorf("%s %v: %d %s", path, more, w.Code, w.Body)
			}
		}
	}
	a.code(a.call("alice", http.MethodGet, a.path()+"/"+came[0].ID, nil), http.StatusGone, "changed")
}

// TestMemoryOfUploads: files of 25 MiB are never in memory.
func TestMemoryOfUploads(t *testing.T) {
	a := newAttic(t)
	const files, size = 3, ticket.MaxAttachment
	out, in := io.Pipe()
	w := multipart.NewWriter(in)
	go func() {
		part := bytes.Repeat([]byte("x"), 1<<20)
		for i := range files {
			to, err := w.CreateFormFile("file", fmt.Sprint(i))
			for range size / len(part) {
				if err == nil {
					_, err = to.Write(part)
				}
			}
			if err != nil {
				in.CloseWithError(err)
				return
			}
		}
		in.CloseWithError(w.Close())
	}()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := a.call("alice", http.MethodPost, a.path(), out, "Content-Type", w.FormDataContentType(), "Sec-Fetch-Site", "same-origin")
	runtime.ReadMemStats(&after)
	if got.Code == http.StatusRequestEntityTooLarge { // the form's own bytes are too many
		t.Fatalf("%s", got.Body)
	}
	a.has(got, http.StatusCreated)
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Errorf("%d MiB were allocated for %d MiB", used>>20, files*size>>20)
	}
}
