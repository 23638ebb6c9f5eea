"""The prepared script for a GPU, run dry: tiny, on whatever there is."""

from pathlib import Path

from benchmarks import aim_real_size


def test_the_script_for_a_gpu_fuses_and_trains(tmp_path, capfd):
    aim_real_size.main(["--size", "tiny", "--folder", str(tmp_path)])
    said = capfd.readouterr().out
    assert "served: 64 demonstrations fused in" in said
    assert "ratio" in said
    assert "step 10 of 10" in said
    assert "trained: ten steps" in said
    assert Path(tmp_path, "trained", "projector.safetensors").is_file()
