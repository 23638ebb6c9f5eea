"""A microphone in the box: what is said is written down there, to be read, and mended, before it is asked."""

import gradio as gr

from agent import Agent
from agent.inputs.listening import SILENT
from common.errors import UserError
from ui.calls import PRIVATE

# In the browser, for somebody may have gone on writing meanwhile.
WRITE = """(said, box) => {
    setTimeout(() => document.querySelector('#ask textarea').focus());
    return {...box, text: [box.text.trim(), said].filter(Boolean).join(' ')};
}"""


class Microphone:
    """Made where the page is being built, beside the box; only where something writes down recordings."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self.recorder = gr.Audio(
            sources=["microphone"],
            type="filepath",
            label="Say it",
            show_label=False,
            container=False,
            editable=False,
            buttons=[],
            elem_id="microphone",
            waveform_options=gr.WaveformOptions(show_recording_waveform=False),
        )
        self.said = gr.Textbox(visible=False)

    def wire(self, box: gr.MultimodalTextbox) -> None:
        recorder, said = self.recorder, self.said
        told = PRIVATE | {"show_progress": "minimal"}
        heard = recorder.stop_recording(self._hear, [recorder], [said, recorder], **told)
        heard.then(None, [said, box], [box], js=WRITE)

    def _hear(self, recording: str) -> tuple[str, None]:
        """What was said, and an empty recorder, also where it was nothing."""
        try:
            if words := self._agent.transcribe(recording):
                return words, None
            raise UserError(*SILENT)
        except UserError as error:
            gr.Warning(error.words)
            return "", None
