package lang

import (
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Files is what people read of the files that are attached to tickets.
type Files struct {
	Title, None string
	Add, AddIt  string // of the field, of the button
	Public      string // of the box: the customer may see them
	Shown       string // beside a file that the customer may see
	Remove      string
	ByAt        string // who, at
	Most        string // files, size, all
	kilo, mega  string
	decimal     string
	// Messages say what came of it.
	Messages map[string]string
}

var filesEnglish = Files{
	Title: "Files", None: "No file is attached.", Add: "Photos and files", AddIt: "Attach them", Public: "The customer may see them", Shown: "for the customer",
	Remove: "Remove {name}", ByAt: "{who}, {at}", Most: "{files} files, {size} each and {all} together at most.",
	kilo: "kB", mega: "MB", decimal: ".",
	Messages: map[string]string{
		"attach": "Attached.", "detach": "Removed.", "file_large": "That is too large: nothing was attached.", "file_full": "The ticket has no room for that: remove a file first.",
		"file_room": "The disk has no room left for files. Everything else goes on.", "file_slow": "It took too long: nothing was attached. Send less at once.",
		"file_busy": "Others send files just now. Try again in a few seconds.", "file_broken": "No file came: choose one, and try again.",
		"file_closed": "The ticket is closed.", "file_gone": "There is no such file any more.",
	},
}

var filesFrench = Files{
	Title: "Fichiers", None: "Aucun fichier n'est joint.", Add: "Photos et fichiers", AddIt: "Joindre", Public: "Le client peut les voir", Shown: "pour le client",
	Remove: "Retirer {name}", ByAt: "{who}, {at}", Most: "{files} fichiers au plus, {size} chacun et {all} ensemble.",
	kilo: "ko", mega: "Mo", decimal: ",",
	Messages: map[string]string{
		"attach": "Joint.", "detach": "Retiré.", "file_large": "C'est trop gros : rien n'a été joint.", "file_full": "Le ticket n'a plus de place pour cela : retirez d'abord un fichier.",
		"file_room": "Le disque n'a plus de place pour les fichiers. Tout le reste continue.", "file_slow": "Cela a pris trop de temps : rien n'a été joint. Envoyez-en moins à la fois.",
		"file_busy": "D'autres envoient des fichiers en ce moment. Réessayez dans quelques secondes.", "file_broken": "Aucun fichier n'est arrivé : choisissez-en un, et réessayez.",
		"file_closed": "Le ticket est clos.", "file_gone": "Ce fichier n'existe plus.",
	},
}

var filesItalian = Files{
	Title: "File", None: "Nessun file è allegato.", Add: "Foto e file", AddIt: "Allegare", Public: "Il cliente può vederli", Shown: "per il cliente",
	Remove: "Togliere {name}", ByAt: "{who}, {at}", Most: "{files} file al massimo, {size} ciascuno e {all} insieme.",
	kilo: "kB", mega: "MB", decimal: ",",
	Messages: map[string]string{
		"attach": "Allegato.", "detach": "Tolto.", "file_large": "È troppo grande: niente è stato allegato.", "file_full": "Il ticket non ha più posto: tolga prima un file.",
		"file_room": "Il disco non ha più posto per i file. Tutto il resto continua.", "file_slow": "Ci è voluto troppo tempo: niente è stato allegato. Ne mandi meno alla volta.",
		"file_busy": "Altri mandano file in questo momento. Riprovi tra qualche secondo.", "file_broken": "Nessun file è arrivato: ne scelga uno, e riprovi.",
		"file_closed": "Il ticket è chiuso.", "file_gone": "Questo file non c'è più.",
	},
}

// Size is a number of bytes as people read it: "340 kB", "1.2 MB".
func (f *Files) Size(bytes int64) string {
	const kilo, mega = 1 << 10, 1 << 20
	switch {
	case bytes < 10*kilo:
		return f.tenth(bytes, kilo) + " " + f.kilo
	case bytes < mega-kilo/2:
		return strconv.FormatInt((bytes+kilo/2)/kilo, 10) + " " + f.kilo
	case bytes < 10*mega:
		return f.tenth(bytes, mega) + " " + f.mega
	}
	return strconv.FormatInt((bytes+mega/2)/mega, 10) + " " + f.mega
}

func (f *Files) tenth(bytes, unit int64) string {
	tenths := (bytes*10 + unit - 1) / unit // what is there is never nothing
	text := strconv.FormatInt(tenths/10, 10) + f.decimal + strconv.FormatInt(tenths%10, 10)
	return strings.TrimSuffix(text, f.decimal+"0")
}

// File names a file in a line of a timeline.
func (w *Words) File(f *ticket.File) string {
	if f == nil {
		return ""
	}
	return f.Name + ", " + w.Files.Size(f.Size)
}
