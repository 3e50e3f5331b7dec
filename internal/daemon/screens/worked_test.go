package screens

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"strings"
	"time"
)

// worked writes down work: of what somebody has, tasks, interventions of this week, a link
// and files; of what somebody said, a point of its checklist.
func (n *night) worked() {
	n.t.Helper()
	at := "/tickets/" + n.taken
	n.api(http.MethodPost, at+"/tasks", map[string]any{
		"kind": "call", "person": "bruno", "minutes": 12, "public": true,
		"text": "Vu avec l'astreinte de l'hébergeur : le volume est plein, la purge est lancée, prochain point à 04:00.",
	})
	n.api(http.MethodPost, at+"/tasks", map[string]any{
		"kind": "remote", "person": "bruno", "at": saturday.Add(-50 * time.Minute), "until": saturday.Add(-20 * time.Minute),
		"text": "Purge de /var/lib/postgresql/16/main/pg_wal.\n" + strings.Repeat("pg_archivecleanup-", 8),
	})
	for _, one := range []map[string]any{
		{"from": saturday.Add(7 * time.Hour), "until": saturday.Add(9*time.Hour + 30*time.Minute), "place": "Givrand-sur-Vie, bâtiment des urgences, salle des serveurs", "person": "bruno"},
		{"from": saturday.Add(33 * time.Hour), "until": saturday.Add(35 * time.Hour), "place": "Saint-Hilaire-de-Riez"},
	} {
		n.api(http.MethodPost, at+"/interventions", one)
	}
	n.api(http.MethodPost, at+"/links", map[string]string{"kind": "caused_by", "number": n.open})
	n.attached(n.taken, "salle-des-serveurs-baie-4-disque-en-panne-vu-de-face.png", picture(n))
	n.attached(n.taken, "journal.txt", []byte("No space left on device\n"))
	n.api(http.MethodPatch, "/tickets/"+n.said+"/checklist", map[string]any{"point": "1", "done": true, "person": "alice"})
}

// attached attaches a file that the customer may see.
func (n *night) attached(number, name string, content []byte) {
	n.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("public", "true")
	if err == nil {
		var part interface{ Write([]byte) (int, error) }
		if part, err = form.CreateFormFile("file", name); err == nil {
			_, err = part.Write(content)
		}
	}
	if err != nil || form.Close() != nil {
		n.t.Fatal(err)
	}
	n.ask(http.MethodPost, "/api/v1/tickets/"+number+"/attachments", map[string]string{
		"Authorization": "Bearer " + apiToken, "Content-Type": form.FormDataContentType(),
	}, body.Bytes())
}

// picture is one of 640 by 480 pixels.
func picture(n *night) []byte {
	n.t.Helper()
	var text bytes.Buffer
	if err := png.Encode(&text, image.NewGray(image.Rect(0, 0, 640, 480))); err != nil {
		n.t.Fatal(err)
	}
	return text.Bytes()
}
