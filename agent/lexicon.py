"""Words that name what can be made or shown, and types of file; by language.

A slip of the finger in a longer name is still that name.
"""

import re
from collections.abc import Mapping
from functools import cache

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


def classes(word: str) -> tuple[str, ...]:
    """Of a lower-case name, of one or several words, or one with a slip in it."""
    return _listed().get(word) or _slipped().get(word, ())


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
