package letter

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"
	"github.com/jhillyerd/enmime/v2/mediatype"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Letter is what a mail says.
type Letter struct {
	From     string // an address, in small letters; or what stands in its place
	FromName string
	To       []string // the addresses that the mail names
	Subject  string   // one line; may be empty
	Text     string   // its text, or that of its HTML
	Date     time.Time
	ID       string            // its Message-ID
	Headers  map[string]string // by their names in small letters; several of one name are lines
	Attached []string          // names of what is attached
	Hops     int               // mail servers that it passed
	Ours     bool              // Astreinte wrote it, or a machine answers one of ours
}

// ErrNothing says that there is neither a header nor a text.
var ErrNothing = errors.New("it is no mail: it has neither a header nor a text")

// ownField is a field of each mail that Astreinte writes.
const ownField = "x-astreinte"

// OwnField is that field, as it is written.
const OwnField = "X-Astreinte"

// deepest is how many mails within each other are read: a forward of a forward.
const deepest = 3

// Read reads a mail.
func Read(raw []byte) (*Letter, error) {
	var k Keeper
	_, _ = k.Write(raw) // it never fails
	return k.Letter()
}

// Letter reads what was kept.
func (k *Keeper) Letter() (*Letter, error) {
	l, err := read(k.Bytes(), deepest)
	if err == nil {
		l.Hops = max(l.Hops, k.hops)
	}
	return l, err
}

func read(data []byte, deep int) (*Letter, error) {
	h, body := split(data)
	if len(h.names) == 0 && len(bytes.TrimSpace(body)) == 0 {
		return nil, ErrNothing
	}
	p := opened{deep: deep}
	p.open(&h, body)
	l := &Letter{
		To: addresses(h.first("to"), p.charset), Subject: decode(h.first("subject"), p.charset), Date: moment(h.first("date")),
		ID: strings.Trim(oneLine(h.first("message-id")), "<>"), Headers: h.decoded(p.charset), Hops: h.count("received"),
		Text: p.said(body), Attached: p.names,
	}
	l.FromName, l.From = address(h.first("from"), p.charset)
	if l.Subject == "" && p.inner != nil {
		l.Subject = p.inner.Subject
	}
	l.Ours = ours(l.Headers, body)
	return l, nil
}

// ownID matches the Message-ID of a mail that Astreinte wrote.
var ownID = regexp.MustCompile(`<[0-9a-f]{32}@`)

// ours says whether a mail is one of our own, whatever way it came back: as it
// is, in the report that it could not be delivered, or answered by a machine.
func ours(headers map[string]string, body []byte) bool {
	if headers[ownField] != "" {
		return true
	}
	answers := ownID.MatchString(headers["in-reply-to"] + " " + headers["references"])
	auto := strings.ToLower(headers["auto-submitted"])
	if answers && (strings.HasPrefix(auto, "auto-replied") || headers["x-autoreply"] != "" || headers["x-autorespond"] != "") {
		return true
	}
	report := strings.HasPrefix(strings.ToLower(headers["content-type"]), "multipart/report")
	return report && bytes.Contains(body, []byte("\n"+OwnField+":"))
}

// opened is a mail that is taken apart.
type opened struct {
	deep        int
	charset     string // that of its first text
	plain, html []string
	other       string // the first text that is neither
	names       []string
	size        int     // bytes of plain
	inner       *Letter // the first mail in it
	multiparts  int
	letters     int // mails in it that were read
}

// open takes a body apart. If that fails, there are no parts.
func (p *opened) open(h *head, body []byte) {
	defer func() {
		if recover() != nil { // the library's: the mail is read as plain text
			p.plain, p.html = nil, nil
		}
	}()
	var form bytes.Buffer
	for _, field := range []string{"Content-Type", "Content-Transfer-Encoding", "Content-Disposition"} {
		if value := h.first(strings.ToLower(field)); value != "" {
			form.WriteString(field + ": " + oneLine(value) + "\r\n")
		}
	}
	if h.first("content-type") == "" {
		form.WriteString("Content-Type: text/plain\r\n")
	}
	form.WriteString("\r\n")
	form.Write(body)
	parser := enmime.NewParser(
		enmime.SkipMalformedParts(true), enmime.MaxStoredPartErrors(10), enmime.MultipartWOBoundaryAsSinglePart(true),
		enmime.DisableTextConversion(true), enmime.DisableCharacterDetection(true),
		enmime.SetReadPartErrorPolicy(func(*enmime.Part, error) bool { return true }),
		enmime.SetCustomParseMediaType(p.mediaType),
	)
	root, err := parser.ReadParts(&form)
	if err != nil {
		return
	}
	for part := root; part != nil; part = next(part) {
		p.take(part)
	}
}

// next is the part after this one, those within it first.
func next(part *enmime.Part) *enmime.Part {
	if part.FirstChild != nil {
		return part.FirstChild
	}
	for part != nil && part.NextSibling == nil {
		part = part.Parent
	}
	if part == nil {
		return nil
	}
	return part.NextSibling
}

var errNoType = errors.New("no type")

// mediaType reads the type of a part, or its disposition. What stands in its
// charset counts, as far as it says more than that there are bytes. Parts
// within parts are taken apart until there are too many.
func (p *opened) mediaType(given string) (kind string, params map[string]string, invalid []string, err error) {
	if given == "" {
		return "", nil, nil, errNoType
	}
	kind, params, invalid, err = mediatype.Parse(given[:min(len(given), ticket.MaxLetterType)])
	if err != nil {
		kind, params = "text/plain", map[string]string{}
	}
	if params == nil {
		params = map[string]string{}
	}
	if params["boundary"] != "" {
		if p.multiparts++; p.multiparts > ticket.MaxLetterDepth || len(params["boundary"]) > 200 {
			delete(params, "boundary")
		}
	}
	if strings.HasPrefix(kind, "text/") {
		charset := strings.ToLower(params["charset"])
		if p.charset == "" && charset != "" && charset != "us-ascii" {
			p.charset = charset
		}
		if charset == "" || charset == "us-ascii" || charset == "ascii" || charset == "ansi_x3.4-1968" {
			params["charset"] = "utf-8" // bytes as they are: utf8Of looks at them
		}
	}
	return kind, params, invalid, nil
}

// take looks at one part.
func (p *opened) take(part *enmime.Part) {
	if part.FileName != "" && len(p.names) < ticket.MaxLetterNames {
		p.names = append(p.names, ticket.Cut(oneLine(part.FileName), ticket.MaxLetterName))
	}
	if part.ContentType == "message/rfc822" && p.deep > 0 && p.letters < deepest {
		p.letters++
		p.within(part.Content)
		return
	}
	if part.Disposition == "attachment" || len(part.Content) == 0 {
		return
	}
	text := func() string { return utf8Of(part.Content, p.charset) }
	switch {
	case part.ContentType == "text/plain" || part.ContentType == "" && part.Parent != nil:
		if p.size < ticket.MaxLetterText {
			said := text()
			p.size += len(said)
			p.plain = append(p.plain, said)
		}
	case part.ContentType == "text/html":
		if len(p.html) == 0 {
			p.html = append(p.html, text())
		}
	case p.other == "" && strings.HasPrefix(part.ContentType, "text/"):
		p.other = text()
	}
}

// within reads a mail that is a part of this one.
func (p *opened) within(data []byte) {
	var k Keeper
	_, _ = k.Write(data) // it never fails
	inner, err := read(k.Bytes(), p.deep-1)
	if err != nil {
		return
	}
	if p.inner == nil {
		p.inner = inner
	}
	said := strings.TrimSpace(inner.Subject + "\n" + inner.Text)
	p.size += len(said)
	p.plain = append(p.plain, said)
	p.names = append(p.names, inner.Attached[:min(len(inner.Attached), ticket.MaxLetterNames-len(p.names))]...)
}

// said is the text of the mail.
func (p *opened) said(body []byte) string {
	text := clean(strings.Join(p.plain, "\n"))
	if text == "" && len(p.html) > 0 {
		text = clean(htmlText(p.html[0]))
	}
	if text == "" {
		text = clean(p.other)
	}
	if text == "" && len(p.names) == 0 {
		text = clean(utf8Of(body[:min(len(body), ticket.MaxLetterText)], p.charset))
	}
	return ticket.Cut(text, ticket.MaxLetterText)
}
