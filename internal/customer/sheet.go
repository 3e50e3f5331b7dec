package customer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// names are what columns are called, folded, by the field that they hold. Those of our
// own files are among them.
func columnNames() map[string]string {
	all := map[string]string{}
	for field, names := range map[string]string{
		fieldRef:       "ref, reference, external id, id externe, riferimento, matricule",
		fieldCustomer:  "customer, client, cliente, company, societe, entreprise, azienda",
		fieldSite:      "site, sede, location, lieu, etablissement",
		fieldName:      "name, nom, nome, full name, nom complet, contact, contatto, nome completo",
		fieldEmails:    "emails, email, e mail, mail, courriel, adresse mail, adresse email, posta, indirizzo email, mails",
		fieldPhones:    "phones, phone, telephone, tel, telefono, mobile, portable, cellulare, phone number, numero, fixe",
		fieldLanguage:  "language, langue, lingua",
		fieldStrategic: "strategic, strategique, strategico, vip",
		fieldSeesAll:   "sees all, voit tout, vede tutto",
		fieldDocuments: "adds documents, ajoute des documents, aggiunge documenti",
		fieldNotes:     "notes, note, remarques, remarks, commentaire, comments",
		columnFirst:    "first name, prenom, firstname, given name",
		columnLast:     "last name, nom de famille, lastname, surname, cognome",
	} {
		for name := range strings.SplitSeq(names, ", ") {
			all[name] = field
		}
	}
	return all
}

// A name may stand in two columns.
const (
	columnFirst = "first_name"
	columnLast  = "last_name"
)

// line is a line of a file: what it makes of a contact, or why it cannot be taken.
type line struct {
	at     int // its number
	change change
	key    string // the address that it is known by; empty: by its reference
	err    error
}

// sheet is a file of contacts, as it was read.
type sheet struct {
	columns map[string]string // the field of each column that is read, by what the file calls it
	ignored []string          // the others
	lines   []line
}

// errSheet is of a file that is none of contacts. It is a 400.
func errSheet(why string) error {
	return web.Refuse(400, "bad_file", "the file cannot be read: "+why)
}

// decoded is a file as UTF-8. One that is not is Windows-1252, which is what programs of
// sheets write.
func decoded(file []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xfe")), bytes.HasPrefix(file, []byte("\xfe\xff")):
		return nil, errSheet("it is UTF-16: save it as CSV in UTF-8")
	case bytes.HasPrefix(file, []byte("PK\x03\x04")):
		return nil, errSheet("it is a workbook: save it as CSV")
	}
	file = bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))
	if readable(file) {
		return file, nil
	}
	if slices.Contains(file, 0) {
		return nil, errSheet("it is no text: it has zero bytes")
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(file)
	if err != nil {
		return nil, errSheet("it is neither UTF-8 nor Windows-1252")
	}
	return text, nil
}

// separated is the first line of a file, and what separates its columns.
func separated(file []byte) (rest []byte, comma rune) {
	head, after, _ := bytes.Cut(file, []byte("\n"))
	if mark := strings.TrimSpace(string(head)); len(mark) == 5 && strings.HasPrefix(mark, "sep=") {
		return after, rune(mark[4])
	}
	quoted, counts := false, map[rune]int{}
	for _, r := range string(head[:min(len(head), ticket.MaxContactLine)]) {
		if r == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[r]++
		}
	}
	comma = ','
	for _, r := range []rune{';', '\t'} {
		if counts[r] > counts[comma] {
			comma = r
		}
	}
	return file, comma
}

// wide reports whether a line has more columns than one is read of. The reader of CSV would
// make a text of each of them first, 70 bytes for a comma.
func wide(file []byte, comma byte) bool {
	quoted, columns := false, 1
	for _, b := range file {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n':
			columns = 1
		case b == comma:
			if columns++; columns > ticket.MaxContactFields {
				return true
			}
		}
	}
	return false
}

// readSheet reads a file. mapped says which field a column is, by its name; "" leaves it
// out. customer is that of all its contacts; empty: a column says it. The error is a 400
// about the file as a whole.
func (k *checker) readSheet(file []byte, customer string, mapped map[string]string) (*sheet, error) {
	text, err := decoded(file)
	if err != nil {
		return nil, err
	}
	body, comma := separated(text)
	if comma == '"' || comma == '\r' || comma == '\n' || comma > 0x7e {
		return nil, errSheet("its columns are separated by neither a comma nor a semicolon nor a tab")
	}
	if wide(body, byte(comma)) { //nolint:gosec // it is ASCII, as was looked at
		return nil, errSheet("a line of it has too many columns")
	}
	r := csv.NewReader(bytes.NewReader(body))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = comma, -1, true
	skipped := bytes.Count(text[:len(text)-len(body)], []byte("\n")) // the line that says what separates
	head, err := r.Read()
	if err != nil {
		return nil, errSheet("its first line names no columns")
	}
	s := &sheet{columns: map[string]string{}}
	of, err := s.head(slices.Clone(head), mapped, customer)
	if err != nil {
		return nil, err
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		var wrong *csv.ParseError
		switch {
		case errors.As(err, &wrong): // where the next line begins is not known
			s.lines = append(s.lines, line{at: wrong.StartLine + skipped, err: wrongf("", "its quotes do not fit: what follows was not read")})
			return s, nil
		case err != nil:
			return nil, errSheet("it breaks off")
		case len(s.lines) >= ticket.MaxContactLines:
			return nil, web.Refuse(400, "bad_file", "the file has too many lines: split it")
		}
		at, _ := r.FieldPos(0)
		if slices.ContainsFunc(row, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			s.lines = append(s.lines, k.line(at+skipped, row, of, customer))
		}
	}
}

// head says which field each column holds.
func (s *sheet) head(names []string, mapped map[string]string, customer string) (of []string, err error) {
	known, has := columnNames(), map[string]bool{}
	for _, name := range names {
		name = ticket.Cut(ticket.Typed(name, false), ticket.MaxContactName)
		folded := strings.Join(archive.Fold(name), " ")
		field, own := mapped[name]
		if !own {
			field = known[folded]
		}
		if field == "" {
			s.ignored = append(s.ignored, name)
		} else {
			s.columns[name], has[field] = field, true
		}
		of = append(of, field)
	}
	for name, field := range mapped {
		if _, there := s.columns[name]; field != "" && !there {
			return nil, errSheet("it has no column that is called " + ticket.Cut(name, ticket.MaxWord))
		}
	}
	switch {
	case !has[fieldName] && !has[columnFirst] && !has[columnLast]:
		return nil, errSheet("no column is a name: say which one by map")
	case !has[fieldEmails] && !has[fieldRef]:
		return nil, errSheet("no column is an address or a reference, by which a contact is known again: say which one by map")
	case !has[fieldCustomer] && customer == "":
		return nil, errSheet("no column is a customer: say whose contacts they are")
	}
	return of, nil
}

// line reads one line.
func (k *checker) line(at int, row, of []string, customer string) line {
	l := line{at: at}
	size := 0
	for _, cell := range row {
		size += len(cell)
	}
	if size > ticket.MaxContactLine {
		l.err = wrongf("", "%d bytes at most, not %d", ticket.MaxContactLine, size)
		return l
	}
	first, last, some := "", "", map[string]bool{}
	for i, field := range of {
		cell := ""
		if i < len(row) {
			cell = plain(row[i])
		}
		switch field {
		case "":
		case columnFirst:
			first = cell
		case columnLast:
			last = cell
		default:
			if err := l.change.set(field, cell, some[field]); err != nil && l.err == nil {
				l.err = err
			}
			some[field] = true
		}
	}
	if first+last != "" {
		if l.change.Name != nil && *l.change.Name != "" && last == "" { // "nom" beside "prénom"
			last = *l.change.Name
		}
		whole := strings.TrimSpace(first + " " + last)
		l.change.Name = &whole
	}
	if l.change.Customer == nil {
		l.change.Customer = &customer
	}
	if l.err == nil {
		l.err = k.checked(&l.change, *l.change.Customer)
	}
	if l.err != nil {
		return l
	}
	if l.change.Emails != nil && len(*l.change.Emails) > 0 {
		l.key = (*l.change.Emails)[0]
	}
	switch {
	case l.change.Name == nil:
		l.err = wrongf(fieldName, "it is needed")
	case l.key == "" && (l.change.Ref == nil || *l.change.Ref == ""):
		l.err = wrongf(fieldEmails, "an address or a reference is needed, by which the contact is known again")
	}
	return l
}

// plain is a cell without the apostrophe that keeps it from being a formula.
func plain(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && web.Cell(cell[1:]) == cell {
		return cell[1:]
	}
	return cell
}

// set puts a cell into a change. Several columns of addresses or numbers add to each
// other.
func (ch *change) set(field, cell string, again bool) error {
	switch field {
	case fieldEmails, fieldPhones:
		into := map[string]**[]string{fieldEmails: &ch.Emails, fieldPhones: &ch.Phones}[field]
		list := strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == ',' || r == '|' || r == '\n' })
		if again {
			list = append(**into, list...)
		}
		*into = &list
	case fieldStrategic, fieldSeesAll, fieldDocuments:
		yes, err := answered(field, cell)
		*map[string]**bool{fieldStrategic: &ch.Strategic, fieldSeesAll: &ch.SeesAll, fieldDocuments: &ch.AddsDocuments}[field] = &yes
		return err
	default:
		into := map[string]**string{
			fieldRef: &ch.Ref, fieldCustomer: &ch.Customer, fieldSite: &ch.Site, fieldName: &ch.Name, fieldLanguage: &ch.Language, fieldNotes: &ch.Notes,
		}[field]
		if again && cell != "" && *into != nil && **into != "" {
			cell = **into + " " + cell
		}
		*into = &cell
	}
	return nil
}

// answered reads yes or no, as people write them in sheets.
func answered(field, cell string) (bool, error) {
	switch word := strings.Join(archive.Fold(cell), " "); word {
	case "yes", "oui", "si", "true", "vrai", "vero", "1", "x", "y", "o":
		return true, nil
	case "", "no", "non", "false", "faux", "falso", "0", "n":
		return false, nil
	default:
		return false, wrongf(field, "yes or no is wanted, not %q", ticket.Cut(cell, ticket.MaxWord))
	}
}
