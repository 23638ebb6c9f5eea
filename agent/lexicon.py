"""The one list of words that name what can be made or shown, of file types, and of words that only ask; by language.

The classifier sees a name as its form ("histogram" is a CHART), so what it learns of one name holds for the others. A
slip of the finger in a longer name is still that name. What else a request says is learned, not listed.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal, get_args

Modality = Literal[
    "text", "table", "image", "picture", "chart", "diagram", "speech", "music", "video", "document", "sheet"
]
MODALITIES: tuple[Modality, ...] = get_args(Modality)

# fmt: off
NAMES: Mapping[str, Mapping[str, str]] = {
    "CHART": {
        "en": "chart, charts, graph, graphs, plot, plots, histogram, histograms, pie, donut, doughnut, scatterplot, "
              "boxplot, sparkline, barchart, linechart, piechart, curve, heatmap, trendline, bar, bars, axis, axes, "
              "pie chart, bar chart, line chart, bar graph, line graph, scatter plot, area chart, box plot",
        "de": "balkendiagramm, kreisdiagramm, liniendiagramm, tortendiagramm, säulendiagramm, streudiagramm, kurve, "
              "balken, grafik, histogramm, diagramm",
        "fr": "graphique, graphe, courbe, histogramme, camembert, barres, diagramme en barres",
        "es": "gráfico, gráfica, barras, histograma, curva, gráfico de barras, gráfico circular",
        "it": "grafico, istogramma, grafico a barre, grafico a torta", "nl": "grafiek, staafdiagram, taartdiagram",
        "pt": "gráfico, histograma",
    },
    "DIAGRAM": {
        "en": "diagram, diagrams, flowchart, flow chart, flow charts, mindmap, mind map, mind maps, mermaid, gantt, "
              "uml, org chart, organigram, organogram, organisation chart, organization chart, swimlane, timeline, "
              "tree, boxes, arrows, nodes, hierarchy, family tree, decision tree, sequence diagram, concept map",
        "de": "ablaufdiagramm, flussdiagramm, organigramm, mindmap, zeitstrahl, stammbaum, sequenzdiagramm, "
              "baumdiagramm, kästen, pfeile",
        "fr": "organigramme, schéma, carte mentale, logigramme, frise, arbre généalogique, flèches",
        "es": "organigrama, diagrama, diagrama de flujo, mapa mental, línea de tiempo, esquema, flechas",
        "it": "organigramma, diagramma, mappa mentale, diagramma di flusso", "nl": "stroomschema, tijdlijn, stamboom",
        "pt": "fluxograma, mapa mental",
    },
    "PICTURE": {
        "en": "picture, pictures, image, images, illustration, illustrations, drawing, drawings, painting, paintings, "
              "artwork, art, poster, logo, cartoon, watercolour, watercolor, wallpaper, icon, banner, comic, portrait, "
              "avatar, mural, sticker, postcard, clipart, caricature, collage, pic, pics, img, sketch, visual",
        "de": "bild, bilder, gemälde, zeichnung, aquarell, plakat, illustration",
        "fr": "image, dessin, affiche, aquarelle, peinture, tableau peint", "es": "imagen, dibujo, cartel, acuarela, "
              "pintura, retrato, cuadro",
        "it": "immagine, disegno, manifesto, acquerello", "nl": "afbeelding, tekening, schilderij", "pt": "imagem, "
              "desenho, cartaz",
    },
    "FIGURE": {
        "en": "figure, figures, fig, photo, photos, photograph, photographs, map, maps, screenshot, scan, schematic, "
              "blueprint, infographic, x-ray, xray, floor plan, cross-section, engraving, plate",
        "de": "abbildung, foto, karte, plan", "fr": "photo, figure, carte, plan", "es": "foto, figura, mapa, plano",
        "it": "foto, figura, mappa", "nl": "foto, figuur, kaart", "pt": "foto, figura, mapa",
    },
    "TABLE": {
        "en": "table, tables, tbl, grid, matrix, columns, rows, timetable, tabular, tabulate, tabulated",
        "de": "tabelle, tabellen, spalten", "fr": "tableau, tableaux, colonnes", "es": "tabla, tablas, columnas",
        "it": "tabella, tabelle", "nl": "tabel, tabellen", "pt": "tabela, tabelas",
    },
    "SPEECH": {
        "en": "audio, voice, recording, podcast, mp3, wav, narration, audiobook, voiceover, voice over, voice-over, "
              "tts, aloud, out loud, spoken, read aloud, text to speech, speech",
        "de": "vorlesen, laut, tonaufnahme, audiodatei, sprachnachricht, hörfassung",
        "fr": "audio, voix haute, haute voix, enregistrement", "es": "audio, voz alta, grabación",
        "it": "audio, alta voce", "nl": "hardop, audio", "pt": "áudio, voz alta",
    },
    "MUSIC": {
        "en": "music, song, songs, melody, tune, jingle, soundtrack, beat, beats, lullaby, symphony, waltz, ballad, "
              "sonata, anthem, march, ringtone, fanfare, hymn, sound, sounds, noise, sound effect, piano piece, "
              "guitar, piano, drums, strings",
        "de": "musik, lied, melodie, walzer, wiegenlied, marsch, geräusch, klavier",
        "fr": "musique, chanson, mélodie, valse, berceuse, bruit, piano", "es": "música, canción, melodía, vals, "
              "nana, sonido, piano",
        "it": "musica, canzone, melodia, valzer, ninna nanna", "nl": "muziek, lied, liedje, melodie, wals",
        "pt": "música, canção, melodia, valsa",
    },
    "VIDEO": {
        "en": "video, videos, vid, vids, clip, clips, film, films, movie, movies, animation, animations, gif, "
              "footage, trailer, time-lapse, animated, animate",
        "de": "video, film, kurzfilm, trickfilm, filmchen, animation", "fr": "vidéo, film, clip, animation, court "
              "métrage",
        "es": "vídeo, video, película, clip, animación, corto", "it": "video, filmato, animazione, cortometraggio",
        "nl": "video, filmpje, animatie", "pt": "vídeo, filme, animação",
    },
    "DOCUMENT": {
        "en": "pdf, pdfs, html, markdown, md, docx, word file, word document, word doc, word version, document, "
              "documents, doc, handout, printout, web page, webpage, file, report, printable",
        "de": "pdf, word-datei, word-dokument, dokument, datei", "fr": "pdf, document, fichier", "es": "pdf, "
              "documento, archivo",
        "it": "pdf, documento", "nl": "pdf, document, bestand", "pt": "pdf, documento, arquivo",
    },
    "SHEET": {
        "en": "csv, xlsx, xls, excel, spreadsheet, spreadsheets, workbook, excel file, excel sheet",
        "de": "excel-datei, csv-datei", "fr": "fichier excel", "es": "archivo de excel",
    },
    "SAID": {
        "en": "answer, answers, reply, conversation, chat, discussion, everything, result, results, trend, summary",
        "de": "antwort, gespräch, ergebnis, alles", "fr": "réponse, conversation, tout", "es": "respuesta, "
              "conversación, todo",
        "it": "risposta, tutto", "nl": "antwoord, gesprek", "pt": "resposta, tudo",
    },
}
"""Class -> language -> names, apart by commas. A name may be of several classes."""

ASKING: Mapping[str, str] = {  # words that say that something is wanted, or how, and nothing of what it is about
    "en": "please, pls, plz, kindly, can you, could you, would you, will you, can i, could i, may i, i want, "
          "i need, i'd like, i would like, you to, let me, let's, also, then, now, and, just, me, us, to, it, "
          "out, tell, show, display, see, look at, hear, listen, give, get, find, fetch, open, bring up, "
          "pull up, dig out, make, create, generate, produce, build, prepare, do, have, got, record, read, "
          "speak, say, narrate, recite, voice, draw, paint, sketch, illustrate, render, imagine, design, "
          "compose, play, sing, hum, animate, visualise, visualize, turn, convert, put, save, export, "
          "download, print, store, whip up, conjure up, dream up, come up with, is there, do you have, "
          "have you got, a, an, the, some, any, one, new, my, your, of, for, with, showing, about, comparing, "
          "would you happen to have",
    "de": "bitte, zeig, zeige, mir, mach, erstelle, zeichne, male, lies, speichere, gib, ein, eine, einen, der, die, "
          "das, von",
    "fr": "montre, moi, fais, dessine, lis, donne, crée, trace, un, une, le, la, les, de, des, du",
    "es": "muéstrame, haz, dibuja, lee, léeme, dame, crea, guarda, un, una, el, la, los, las, de, del",
}
MANNER: Mapping[str, str] = {
    "en": "aloud, out loud, to me, to us, for me, for us, please, pls, plz, slowly, loudly, quickly, quietly, softly, "
          "in german, in french, in spanish, in italian, in dutch, in english, show it, show me",
    "de": "bitte, vor, laut", "fr": "svp, s'il te plaît, à voix haute", "es": "por favor, en voz alta",
}

FILE_TYPES: Mapping[str, str] = {  # the type of file -> how it is asked for, in any of the languages
    "html": "html, web page, webpage, webseite, page web, página web, pagina web",
    "markdown": "markdown, md",
    "docx": "docx, doc",
    "pdf": "pdf",
    "csv": "csv, comma separated, comma-separated",
    "xlsx": "xlsx, xls, excel, workbook",
    "ods": "ods",
    "odt": "odt",
    "rtf": "rtf",
    "pptx": "pptx, powerpoint",
    "epub": "epub",
    "latex": "latex, tex",
}
# fmt: on
_WORD_FILE = re.compile(  # "in other words", "word by word" and "the word pump" ask for no file
    r"\b(?:in|as|to|into|en|als|nach|vers|como|come|naar)\s+(?:(?:an?|un|een|eine[mrn]?)\s+)?word\b(?!\s+(?:by|for)\b)"
    r"|\bword(?=[\s-]+(?:file|doc|document|version|copy|format|export|datei|dokument)s?\b)|\bdocument(?:o de)? word\b",
    re.IGNORECASE,
)
LETTERS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+")


def file_type(request: str) -> str:
    """The last type of file that the request names ("the report.docx as PDF"), made here or not; "" for none."""
    said = request.lower()
    found = {match.start(): "docx" for match in _WORD_FILE.finditer(request)}
    for kind, names in FILE_TYPES.items():
        pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, names.split(', ')))})(?!\w)"
        found |= {match.start(): kind for match in re.finditer(pattern, said)}
    return found[max(found)] if found else ""


def subject(clause: str) -> str:
    """What a clause is about, without the words that only ask for something to be made or shown; "" if nothing is left.

    "the diameters of the planets" of "plot the diameters of the planets as a bar chart".
    """
    from retrievers import embedders

    lead, tail = _edges()
    bare = lead.sub("", tail.sub("", clause), count=1).strip(" ,;:.!?")
    left = [word for word in LETTERS.findall(bare.lower()) if not classes(word) and len(word) > 2]
    return bare if embedders.load("bm25").stems(" ".join(left)) else ""


@cache
def _edges() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Where a clause begins with words that only ask, and where it ends with how it wants what it asks for."""
    asking = _either(word for words in ASKING.values() for word in words.split(", "))
    names = _either(name for name, kinds in _listed().items() if kinds != ("SAID",))
    manner = _either(word for words in MANNER.values() for word in words.split(", "))
    return (
        re.compile(rf"^(?:\W*\b(?:{asking}|{names})\b)+(?=\W|$)", re.IGNORECASE),
        re.compile(
            rf"\s*\b(?:as|in|into|to|on|with|using|by|als|en|como)\s+(?:[^\W\d_]+\s+){{0,2}}(?:{names})\b[^,;]*$"
            rf"|(?:[\s,]*\b(?:{manner}))+[\s.!?]*$",
            re.IGNORECASE,
        ),
    )


def _either(names: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, names), key=lambda name: (-len(name), name)))


def classes(word: str) -> tuple[str, ...]:
    """Of a lower-case name, of one or several words, or one with a slip in it."""
    return _listed().get(word) or _slipped().get(word, ())


def longest() -> int:
    """Words of the longest name."""
    return max(name.count(" ") + 1 for name in _listed())


@cache
def _listed() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for kind, languages in NAMES.items():
        for names in languages.values():
            for name in names.split(", "):
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), kind)))
    return found


@cache
def _slipped() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, kinds in _listed().items():
        for slip in _slips(name) if len(name) > 4 and " " not in name else ():
            found.setdefault(slip, kinds)
    return found


def _slips(name: str) -> set[str]:
    """Two letters swapped, one left out or one typed twice."""
    places = range(1, len(name) - 1)
    swapped = {name[:i] + name[i + 1] + name[i] + name[i + 2 :] for i in places}
    return swapped | {name[:i] + name[i + 1 :] for i in places} | {name[:i] + name[i] + name[i:] for i in places}
